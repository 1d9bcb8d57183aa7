package io.millrace.server.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.StreamKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class EventsTest {
  private static final Logger LOG = LoggerFactory.getLogger(EventsTest.class);
  private static final StreamKey STREAM = new StreamKey("live", "studio");
  private static final Instant NOW = Instant.parse("2026-11-28T12:00:00Z");
  private static final String PROCESS = Long.toString(NOW.toEpochMilli(), 36);

  private long nowNs;
  private final Events events = new Events(InstantSource.fixed(NOW), () -> nowNs);

  private void shed(String rung) {
    events.say(
        LOG,
        EventNote.warn(EventType.RUNG_SHED, STREAM, "rung given up: overload")
            .with("rung", rung)
            .with("cores", 1.5));
    nowNs += 1_000_000_000; // nobody comes too often
  }

  /** All that a feed has to give now. */
  private static List<String> read(EventFeed feed) {
    List<String> all = new ArrayList<>();
    for (byte[] piece = feed.next(); piece != null; piece = feed.next()) {
      all.add(new String(piece, StandardCharsets.UTF_8));
    }
    return all;
  }

  private EventFeed feed() {
    return events.feed(EventFilter.ALL, null, 0);
  }

  @Test
  void anEventIsItsIdAndOneLineOfJson() {
    EventFeed feed = feed();
    assertThat(read(feed)).containsExactly("retry: 2000\nid: " + PROCESS + "-0\n\n");
    shed("720p \"x\"\n");
    assertThat(read(feed))
        .containsExactly(
            "id: "
                + PROCESS
                + "-1\ndata: {\"id\":\""
                + PROCESS
                + "-1\",\"time\":\"2026-11-28T12:00:00Z\",\"type\":\"rung.shed\",\"level\":\"warn\","
                + "\"stream\":\"live/studio\",\"message\":\"rung given up: overload\","
                + "\"data\":{\"rung\":\"720p \\\"x\\\"\\n\",\"cores\":1.5}}\n\n");
  }

  @Test
  void everyListenerGetsAllThatComesAndNothingOfBefore() {
    shed("before");
    EventFeed one = feed();
    EventFeed other = feed();
    read(one);
    read(other);
    shed("720p");
    shed("360p");
    assertThat(read(one)).hasSize(2).isEqualTo(read(other));
    assertThat(read(one)).isEmpty();
  }

  @Test
  void whoWasCutOffGoesOnBehindWhatItHas() {
    shed("1");
    shed("2");
    shed("3");
    List<String> rest = read(events.feed(EventFilter.ALL, PROCESS + "-1", 0));
    assertThat(rest.getFirst()).isEqualTo("retry: 2000\nid: " + PROCESS + "-1\n\n");
    assertThat(rest).hasSize(3);
    assertThat(rest.get(1)).contains("\"rung\":\"2\"");
    assertThat(read(events.feed(EventFilter.ALL, PROCESS + "-3", 0))).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"another-2", "", "2", "-", "-2", "9999999999999999999"})
  void anIdOfAnotherProcessOrOfNobodyGetsAllThatIsKept(String id) {
    shed("1");
    shed("2");
    assertThat(read(events.feed(EventFilter.ALL, id, 0))).hasSize(3);
    assertThat(read(events.feed(EventFilter.ALL, PROCESS + "-77", 0)))
        .as("not yet given")
        .hasSize(3);
  }

  @Test
  void theNewestComeFirstWhereTheyAreAskedFor() {
    shed("1");
    shed("2");
    shed("3");
    assertThat(read(events.feed(EventFilter.ALL, null, 2))).hasSize(3);
    assertThat(read(events.feed(EventFilter.ALL, null, Events.KEPT))).hasSize(4);
  }

  @Test
  void whoIsSlowerThanTheRingLearnsHowManyItHasMissed() {
    EventFeed slow = feed();
    shed("seen");
    assertThat(read(slow)).hasSize(2);
    for (int i = 0; i < Events.KEPT + 7; i++) {
      shed("r" + i);
    }
    List<String> late = read(slow);
    assertThat(late).hasSize(1 + Events.KEPT);
    assertThat(late.getFirst())
        .contains("\"type\":\"events.dropped\"", "\"count\":7", "id: " + PROCESS + "-8\n");
    assertThat(late.get(1)).contains("\"rung\":\"r7\"");
    assertThat(read(events.feed(EventFilter.ALL, PROCESS + "-8", 0)))
        .as("resumed behind what was dropped")
        .hasSize(1 + Events.KEPT);
    assertThat(read(events.feed(EventFilter.ALL, PROCESS + "-7", 0)).get(1))
        .contains("\"type\":\"events.dropped\"", "\"count\":1");
    List<String> anew = read(events.feed(EventFilter.ALL, "another-1", 0));
    assertThat(anew.get(1)).contains("\"count\":8");
    assertThat(anew.get(2)).contains("r7");
  }

  @Test
  void onlyWhatIsAskedForIsSent() {
    EventFeed rungs = events.feed(EventFilter.of("rung,stream.ended", "live/studio"), null, 0);
    read(rungs);
    shed("720p");
    events.accept(EventNote.info(EventType.STREAM_ENDED, STREAM, "stream ended"));
    events.accept(EventNote.info(EventType.STREAM_WAITING, STREAM, "waits"));
    events.accept(
        EventNote.info(EventType.STREAM_ENDED, new StreamKey("live", "other"), "stream ended"));
    events.accept(EventNote.info(EventType.RUNG_IDLE, null, "of none"));
    assertThat(read(rungs)).hasSize(2);
    assertThatThrownBy(() -> EventFilter.of("rung,nonsense", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nonsense");
  }

  @Test
  void aKindThatComesTooOftenLeavesRoomForTheOthers() {
    events.accept(EventNote.warn(EventType.ORIGIN_DOWN, null, "origin is down"));
    for (int i = 0; i < 10 * Events.KEPT; i++) {
      events.accept(EventNote.info(EventType.PUBLISH_REFUSED, STREAM, "publish refused"));
    }
    assertThat(events.told()).isLessThan(Events.KEPT);
    assertThat(read(events.feed(EventFilter.of("origin", null), "all", 0))).hasSize(2);
    nowNs += 1_000_000_000;
    EventFeed feed = feed();
    read(feed);
    events.accept(EventNote.info(EventType.PUBLISH_REFUSED, STREAM, "publish refused"));
    int omitted = omitted(read(feed).getFirst());
    assertThat(omitted + events.told()).isEqualTo(10 * Events.KEPT + 2);
    events.accept(EventNote.info(EventType.PUBLISH_REFUSED, STREAM, "publish refused"));
    assertThat(read(feed).getFirst()).doesNotContain("omitted");
  }

  private static int omitted(String event) {
    Matcher matcher = Pattern.compile("\"omitted\":(\\d+)").matcher(event);
    assertThat(matcher.find()).as(event).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  @Test
  void aBeatIsACommentAndOneWhereManyWereMissed() {
    EventFeed feed = feed();
    read(feed);
    events.beat();
    assertThat(read(feed)).containsExactly(":\n\n");
    events.beat();
    events.beat();
    assertThat(read(feed)).containsExactly(":\n\n");
  }

  @Test
  void afterTheLastEventItEnds() {
    EventFeed feed = feed();
    EventFeed filtered = events.feed(EventFilter.of("origin", null), null, 0);
    read(feed);
    read(filtered);
    shed("720p");
    events.beat();
    assertThat(feed.ended()).isFalse();
    events.close();
    assertThat(feed.ended()).isFalse();
    shed("too late");
    assertThat(read(feed)).hasSize(1);
    assertThat(feed.ended()).isTrue();
    assertThat(read(filtered)).isEmpty();
    assertThat(filtered.ended()).isTrue();
    events.beat();
    assertThat(read(feed)).as("nothing behind the end").isEmpty();
  }

  @Test
  void secretsAreMaskedAndWhatIsLongIsCut() {
    EventFeed feed = feed();
    read(feed);
    events.accept(
        EventNote.info(EventType.PUBLISH_REFUSED, STREAM, "publish refused")
            .with("key", "s3cret")
            .with("reason", "not with rtmp://h/live/a?key=s3cret&x=1")
            .with("encoder", "x".repeat(100_000))
            .with("rungs", List.of("720p", "360p"))
            .with("real_time_factor", Double.NaN));
    String event = read(feed).getFirst();
    assertThat(event)
        .doesNotContain("s3cret")
        .contains("\"key\":\"***\"", "key=***&x=1", "\"rungs\":\"720p, 360p\"", ":\"NaN\"")
        .hasSizeLessThan(2_000);
  }

  @Test
  void wordsAreUniqueAndHaveASubject() {
    assertThat(Arrays.stream(EventType.values()).map(EventType::word))
        .doesNotHaveDuplicates()
        .allMatch(word -> word.matches("[a-z]+\\.[a-z_]+"));
    assertThat(EventType.RUNG_SHED.subject()).isEqualTo("rung");
  }
}
