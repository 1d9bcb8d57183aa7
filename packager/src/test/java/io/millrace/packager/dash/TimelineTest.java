package io.millrace.packager.dash;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.packager.Tracks;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Opening;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.OpenSegment;
import io.millrace.packager.window.SegmentWindow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private static final InitSegment INIT =
      new InitSegment(0, Tracks.h264(1280, 720), new byte[] {1});
  private static final Pattern ELEMENT =
      Pattern.compile("\n *<S(?: t=\"(\\d+)\")? d=\"(\\d+)\"(?: r=\"(\\d+)\")?/>");
  private static final Duration WINDOW = Duration.ofHours(12);

  private final SegmentWindow window = new SegmentWindow(WINDOW, Timeline::stretch, () -> true);
  private final List<Interval> added = new ArrayList<>();

  private record Span(long start, long end) {}

  private void add(Interval interval) {
    window.add(interval, new byte[0], 6_000_000, 3_000_000, 0);
    added.add(interval);
  }

  private static Segment segment(long sequence, long start, long end) {
    return new Segment(sequence, false, start, INIT, start, end, 1, 10, List.of());
  }

  private static List<Span> spans(String elements) {
    List<Span> spans = new ArrayList<>();
    Matcher matcher = ELEMENT.matcher(elements);
    int at = 0;
    long end = 0;
    while (matcher.find() && matcher.start() == at) {
      at = matcher.end();
      long start = matcher.group(1) == null ? end : Long.parseLong(matcher.group(1));
      int times = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3)) + 1;
      for (int i = 0; i < times; i++) {
        end = start + Long.parseLong(matcher.group(2));
        spans.add(new Span(start, end));
        start = end;
      }
    }
    assertThat(at).as("all of it was elements").isEqualTo(elements.length());
    return spans;
  }

  private List<Span> media(long first, long end) {
    return added.stream()
        .filter(interval -> interval.sequence() >= first && interval.sequence() < end)
        .filter(Segment.class::isInstance)
        .map(Segment.class::cast)
        .map(segment -> new Span(segment.startTicks(), segment.endTicks()))
        .toList();
  }

  @Test
  void listsWhatIsThereInAnyPeriod() {
    Random random = new Random(1);
    long at = 1_000;
    for (int sequence = 0; sequence < 900; sequence++) {
      long end = at + (random.nextInt(3) == 0 ? 719_000 : 720_000);
      boolean outage = sequence > 0 && (random.nextInt(20) == 0 || sequence / 80 == 3);
      if (outage) {
        add(new Gap(sequence, false, at, Timescale.VIDEO, at, end));
      } else {
        add(segment(sequence, at, end));
      }
      at = random.nextInt(30) == 0 ? end + 5 : end;
    }
    for (int i = 0; i < 500; i++) {
      long first = random.nextInt(900);
      long end = first + 1 + random.nextInt(i % 2 == 0 ? 900 : 70);
      Timeline timeline = Timeline.of(window.snapshot(), true, first, end);
      List<Span> expected = media(first, end);
      if (expected.isEmpty()) {
        assertThat(timeline).isNull();
      } else {
        assertThat(spans(requireNonNull(timeline).elements())).isEqualTo(expected);
        Span newest = expected.getLast();
        assertThat(timeline.newestTicks()).isEqualTo(newest.end - newest.start);
      }
    }
  }

  @Test
  void firstElementSaysItsTimeWhereverTheWindowBegins() {
    for (int sequence = 0; sequence < 25_000; sequence++) {
      add(segment(sequence, sequence * 720_000L, (sequence + 1) * 720_000L));
      Timeline timeline = requireNonNull(Timeline.of(window.snapshot(), false, 0, Long.MAX_VALUE));
      long first = Math.max(0, sequence - 1_800); // an hour behind the newest
      assertThat(timeline.elements()).startsWith("\n            <S t=\"" + first * 720_000 + "\"");
      assertThat(timeline.elements().lines()).as("a line break and one element").hasSize(2);
    }
    String elements =
        requireNonNull(Timeline.of(window.snapshot(), true, 0, Long.MAX_VALUE)).elements();
    assertThat(spans(elements)).isEqualTo(media(25_000 - 21_600, 25_000));
  }

  @Test
  void segmentThatGrowsIsListedBehindTheOthers() {
    for (int sequence = 0; sequence < 200; sequence++) {
      add(segment(sequence, sequence * 720_000L, (sequence + 1) * 720_000L));
    }
    Boundary boundary = new Boundary(200, 200 * 720_000L, Instant.EPOCH, false, 72_000);
    Opening opening = new Opening(boundary, INIT, 200 * 720_000L);
    window.open(new OpenSegment(opening, List.of(), 500_000));
    Timeline timeline = requireNonNull(Timeline.of(window.snapshot(), false, 150, 201));
    assertThat(spans(timeline.elements()))
        .hasSize(51)
        .last()
        .isEqualTo(new Span(144_000_000, 144_500_000));
    assertThat(timeline.newestTicks()).isEqualTo(500_000);
    assertThat(spans(requireNonNull(Timeline.of(window.snapshot(), false, 0, 200)).elements()))
        .hasSize(200);
  }
}
