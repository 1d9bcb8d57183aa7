package io.millrace.server.push;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.server.config.PushKey;
import io.millrace.server.config.PushTarget;
import io.millrace.server.config.PushTarget.Enhanced;
import io.millrace.server.config.PushTarget.Trust;
import io.millrace.server.event.Told;
import io.millrace.server.live.PushStats;
import io.millrace.server.live.PushStats.State;
import io.millrace.server.live.Pushes;
import io.millrace.transport.rtmp.EndReason;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pushes of a stream on a virtual clock, to servers that are told what to do. */
class PushTest {
  private static final StreamKey STREAM = new StreamKey("live", "a");
  private static final String SECRET = "hunter2-hunter2";

  private final PushMedia media = new PushMedia();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<CompletableFuture<PushLink>> attempts = new ArrayList<>();
  private final List<Long> attemptMs = new ArrayList<>();
  private final List<PushTarget> called = new ArrayList<>();
  private final Told told = new Told();
  private final Map<PushTarget, StreamKey> places = new HashMap<>();
  private final List<TrackSink> subscribers = new ArrayList<>();
  private final List<TrackEvent> openSegment = new ArrayList<>();
  private Format format = PushMedia.h264();
  private long nowMs;
  private long picture;
  private boolean publishing = true;

  private final Pushes.Feed feed =
      new Pushes.Feed() {
        @Override
        public void subscribe(TrackSink sink) {
          subscribers.add(sink);
        }

        @Override
        public void unsubscribe(TrackSink sink) {
          subscribers.remove(sink);
        }

        @Override
        public void replay(TrackSink sink) {
          sink.accept(format);
          openSegment.forEach(event -> sink.accept(event.retain()));
        }
      };

  private final PushSettings settings =
      new PushSettings(
          target -> {
            CompletableFuture<PushLink> attempt = new CompletableFuture<>();
            attempts.add(attempt);
            attemptMs.add(nowMs);
            called.add(target);
            return attempt;
          },
          new PushSettings.Places() {
            @Override
            public @Nullable StreamKey take(PushTarget target, StreamKey stream) {
              StreamKey other = places.putIfAbsent(target, stream);
              return other == null || other.equals(stream) ? null : other;
            }

            @Override
            public void leave(PushTarget target, StreamKey stream) {
              places.remove(target, stream);
            }
          },
          () -> new PushBackOff(new Random(1)),
          told,
          () -> nowMs * 1_000_000,
          () -> Instant.EPOCH.plusMillis(nowMs));

  private final StreamPushes pushes = new StreamPushes(STREAM, channel.eventLoop(), feed, settings);

  private static PushTarget target(String host) {
    return new PushTarget(
        false, host, 1935, "app", new PushKey(SECRET), new Trust(null, List.of()), Enhanced.AUTO);
  }

  @BeforeEach
  void freeze() {
    channel.freezeTime();
  }

  @AfterEach
  void everyPayloadIsReleased() {
    pushes.close("test over");
    run(6_000);
    openSegment.forEach(TrackEvent::release);
    assertThat(subscribers).isEmpty();
    assertThat(places).isEmpty();
    assertThat(media.payloads).allSatisfy(payload -> assertThat(payload.refCnt()).isZero());
    channel.close();
  }

  /** So long, with 25 pictures a second and a key frame every second. */
  private void run(long ms) {
    for (long end = nowMs + ms; nowMs < end; ) {
      nowMs += 20;
      channel.advanceTimeBy(20, TimeUnit.MILLISECONDS);
      channel.runPendingTasks();
      if (nowMs % 40 == 0) {
        boolean key = picture % 25 == 0;
        if (publishing) {
          send(key);
        }
        picture++;
      }
      channel.runPendingTasks();
    }
  }

  private void send(boolean key) {
    if (key) {
      openSegment.forEach(TrackEvent::release);
      openSegment.clear();
    }
    TrackEvent sample = media.picture(picture, key, 30);
    openSegment.add(sample.retain());
    List.copyOf(subscribers).forEach(sink -> sink.accept(sample.retain()));
    sample.release();
  }

  private FakeLink accept() {
    FakeLink link = new FakeLink();
    attempts.getLast().complete(link);
    channel.runPendingTasks();
    return link;
  }

  private PushStats stats() {
    return pushes.stats().getFirst();
  }

  @Test
  void aTargetIsCalledWhenThereIsMediaAndGetsTheOpenSegmentAtOnce() {
    publishing = false;
    pushes.follow(List.of(target("a.example")));
    run(2_000);
    assertThat(attempts).isEmpty();
    assertThat(stats().state()).isEqualTo(State.WAITING);
    assertThat(stats().reason()).isEqualTo("no publisher");

    publishing = true;
    picture = 1; // in the middle of a segment
    run(1_400);
    assertThat(attempts).hasSize(1);
    assertThat(stats().state()).isEqualTo(State.CONNECTING);
    FakeLink link = accept();
    assertThat(link.heard)
        .hasSizeGreaterThan(5)
        .startsWith("meta", "video configuration H264", "video 0 key");
    assertThat(stats().state()).isEqualTo(State.LIVE);
    assertThat(stats().since()).isEqualTo(Instant.EPOCH.plusMillis(nowMs));
    run(1_000);
    assertThat(stats().bytes()).isGreaterThan(1_000);
    assertThat(told.words()).containsExactly("push.started");
  }

  @Test
  void aTargetThatIsNotThereIsTriedAgainWithGrowingPausesAndSaidOnce() {
    pushes.follow(List.of(target("a.example")));
    run(200);
    for (int i = 0; i < 8; i++) {
      attempts.getLast().completeExceptionally(new IllegalStateException("connection refused"));
      channel.runPendingTasks();
      assertThat(stats().state()).isEqualTo(State.WAITING);
      assertThat(stats().reason()).isEqualTo("connection refused");
      int before = attempts.size();
      long limit = nowMs + 31_000;
      while (attempts.size() == before && nowMs < limit) {
        run(100);
      }
    }
    List<Long> pauses = new ArrayList<>();
    for (int i = 1; i < attemptMs.size(); i++) {
      pauses.add(attemptMs.get(i) - attemptMs.get(i - 1));
    }
    long expectedMs = 1_000;
    for (long pause : pauses) {
      assertThat(pause).isBetween(expectedMs * 8 / 10, expectedMs * 12 / 10 + 200);
      expectedMs = Math.min(2 * expectedMs, 30_000);
    }
    assertThat(pauses).hasSize(8);
    assertThat(stats().failures()).isEqualTo(8);
    assertThat(told.words()).containsExactly("push.failed");
  }

  @Test
  void whatAServerSaysIsShownWithoutTheKey() {
    pushes.follow(List.of(target("a.example")));
    run(200);
    attempts
        .getLast()
        .completeExceptionally(
            new IllegalStateException("NetStream.Publish.BadName: " + SECRET + " is busy"));
    channel.runPendingTasks();
    assertThat(stats().reason()).isEqualTo("NetStream.Publish.BadName: *** is busy");
    assertThat(stats().target()).isEqualTo("rtmp://a.example/app");
    run(2_000);
    FakeLink link = accept();
    link.ended.complete(new EndReason(EndReason.Kind.REJECTED, "away with " + SECRET));
    channel.runPendingTasks();
    assertThat(stats().reason()).contains("away with ***");
    assertThat(told.words()).containsExactly("push.failed", "push.started", "push.failed");
  }

  @Test
  void aShortLossOfThePublisherIsAHoleAndALongOneAnUnpublish() {
    pushes.follow(List.of(target("a.example")));
    run(200);
    FakeLink link = accept();
    run(2_000);
    publishing = false;
    run(9_000);
    publishing = true;
    run(2_000);
    assertThat(link.ended).isNotDone();
    assertThat(attempts).hasSize(1);
    List<Long> times = times(link);
    long widest = 0;
    for (int i = 1; i < times.size(); i++) {
      widest = Math.max(widest, times.get(i) - times.get(i - 1));
    }
    assertThat(widest).isBetween(8_900L, 9_100L);

    publishing = false;
    run(11_000);
    assertThat(link.unpublished).isTrue();
    assertThat(stats().state()).isEqualTo(State.WAITING);
    assertThat(stats().reason()).isEqualTo("no publisher");
    publishing = true;
    run(1_500);
    assertThat(attempts).as("at once, without a pause").hasSize(2);
    assertThat(times(accept()).getFirst()).isZero();
    assertThat(told.words()).containsExactly("push.started", "push.ended", "push.started");
    assertThat(stats().failures()).isZero();
  }

  private static List<Long> times(FakeLink link) {
    return link.heard.stream()
        .filter(message -> message.matches("video \\d+.*"))
        .map(message -> Long.valueOf(message.split(" ", -1)[1]))
        .toList();
  }

  @Test
  void anotherFormatIsPublishedAnewWhenTheServerHasHeardOfTheEnd() {
    pushes.follow(List.of(target("a.example")));
    run(200);
    FakeLink link = accept();
    link.answersUnpublish = false;
    run(2_000);
    format = new Format(TrackEvent.VIDEO_TRACK, PushMedia.video(VideoCodec.H264, 640));
    List.copyOf(subscribers).forEach(sink -> sink.accept(format));
    run(1_000);
    assertThat(link.unpublished).isTrue();
    assertThat(attempts).as("the name is still taken").hasSize(1);
    assertThat(stats().reason()).startsWith("the format changes: codec 1280x720");
    link.ended.complete(new EndReason(EndReason.Kind.CLEAN, "unpublished"));
    run(200);
    assertThat(attempts).hasSize(2);
    FakeLink next = accept();
    assertThat(next.metadata).containsEntry("width", 640.0);
    assertThat(times(next).getFirst()).isZero();
  }

  @Test
  void aServerThatReadsNothingIsCutOffAndAnotherNoticesNothing() {
    pushes.follow(List.of(target("stuck.example"), target("good.example")));
    run(200);
    assertThat(called)
        .extracting(PushTarget::host)
        .containsExactly("stuck.example", "good.example");
    FakeLink stuck = new FakeLink();
    FakeLink good = new FakeLink();
    attempts.get(0).complete(stuck);
    attempts.get(1).complete(good);
    channel.runPendingTasks();
    stuck.reads = false;
    stuck.pendingBytes = PushConnection.MAX_PENDING_BYTES;
    run(25_000);
    assertThat(stuck.aborted).isTrue();
    assertThat(pushes.stats().getFirst().reason()).isEqualTo("it has taken nothing for 20 s");
    assertThat(told.words())
        .containsSubsequence("push.started", "push.started", "push.behind", "push.failed");
    assertThat(told.words().stream().filter("push.behind"::equals)).hasSize(1);
    assertThat(times(good)).hasSizeGreaterThan(620);
    assertThat(pushes.stats().getLast().droppedSamples()).isZero();
  }

  @Test
  void aReloadTouchesOnlyWhatIsNew() {
    pushes.follow(List.of(target("a.example"), target("b.example")));
    run(200);
    FakeLink a = new FakeLink();
    FakeLink b = new FakeLink();
    attempts.get(0).complete(a);
    attempts.get(1).complete(b);
    channel.runPendingTasks();
    pushes.follow(List.of(target("c.example"), target("b.example")));
    run(1_000);
    assertThat(a.unpublished).isTrue();
    assertThat(b.ended).isNotDone();
    assertThat(called)
        .extracting(PushTarget::host)
        .containsExactly("a.example", "b.example", "c.example");
    assertThat(pushes.stats())
        .extracting(PushStats::target)
        .containsExactly("rtmp://c.example/app", "rtmp://b.example/app");
    pushes.follow(List.of());
    run(200);
    assertThat(b.unpublished).isTrue();
    assertThat(subscribers).isEmpty();
    accept(); // too late: nobody wants it any more
    assertThat(pushes.stats()).isEmpty();
  }

  @Test
  void aConnectionThatComesTooLateIsUnpublished() {
    pushes.follow(List.of(target("a.example")));
    run(200);
    pushes.close("the stream has ended");
    FakeLink link = accept();
    assertThat(link.unpublished).isTrue();
    assertThat(link.heard).isEmpty();
  }

  @Test
  void aServerThatDoesNotHearOfTheEndIsCutOff() {
    pushes.follow(List.of(target("a.example")));
    run(200);
    FakeLink link = accept();
    link.answersUnpublish = false;
    pushes.close("the stream has ended");
    assertThat(link.aborted).isFalse();
    run(5_100);
    assertThat(link.aborted).isTrue();
    assertThat(told.words()).containsExactly("push.started", "push.ended");
  }

  @Test
  void twoStreamsDoNotTakeOnePlaceFromEachOther() {
    places.put(target("a.example"), new StreamKey("live", "other"));
    pushes.follow(List.of(target("a.example")));
    run(500);
    assertThat(attempts).isEmpty();
    assertThat(stats().reason()).isEqualTo("live/other is pushed to the same place");
    places.clear();
    run(3_000);
    assertThat(attempts).hasSize(1);
  }

  @Test
  void aCodecThatAServerDoesNotTakeIsSaidPlainly() {
    format = new Format(TrackEvent.VIDEO_TRACK, PushMedia.video(VideoCodec.HEVC, 1280));
    pushes.follow(List.of(target("a.example")));
    run(200);
    FakeLink link = accept();
    assertThat(link.unpublished).isTrue();
    assertThat(link.heard).isEmpty();
    assertThat(stats().reason())
        .isEqualTo("the server does not say that it takes HEVC (Enhanced RTMP)");
    assertThat(Stream.of(stats().state())).containsExactly(State.WAITING);
    assertThat(told.words()).containsExactly("push.failed");
  }
}
