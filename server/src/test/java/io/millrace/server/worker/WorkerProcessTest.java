package io.millrace.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Profile;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderEngine;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.millrace.server.event.EventSink;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A worker as it really is: another process. */
@Timeout(60)
class WorkerProcessTest {
  /** No more than may wait in front of a rung: they come faster than they are encoded. */
  private static final int PICTURES = 15;

  private static final long LENGTH_MS = 600;

  @Test
  void encodesInAnotherProcessAndLeavesNothing(@TempDir Path data) throws Exception {
    List<TrackEvent> clip = clip();
    TrackFormat.Video format = (TrackFormat.Video) ((TrackEvent.Format) clip.getFirst()).format();
    Ladder ladder =
        new Ladder(
            List.of(
                VideoRung.of("90p", VideoCodec.H264, 90, 100_000, Profile.FAST),
                VideoRung.of("av1", VideoCodec.AV1, 90, 100_000, Profile.FAST)),
            null);
    CountDownLatch ends = new CountDownLatch(2);
    List<TrackEvent> made = new CopyOnWriteArrayList<>();
    RungSinks sinks =
        new RungSinks() {
          @Override
          public TrackSink video(PlannedRung rung) {
            return event -> {
              made.add(event);
              event.release();
              if (event instanceof TrackEvent.End) {
                ends.countDown();
              }
            };
          }

          @Override
          public TrackSink audio(AudioRung rung) {
            throw new AssertionError("none is wanted");
          }
        };
    WorkerSettings settings =
        new WorkerSettings(4L << 30, 1, Duration.ofSeconds(20), 3, null, null, null);
    long pid;
    try (Workers workers = Workers.open(settings, false, data, EventSink.NONE)) {
      LadderEngine engine =
          workers.open("live/test", LadderPlan.resolve(ladder, format), sinks, new Fails());
      clip.forEach(engine::accept);
      assertThat(ends.await(40, TimeUnit.SECONDS)).as("%s", engine.worker()).isTrue();
      pid = engine.worker().pid();
      assertThat(pid).isPositive().isNotEqualTo(ProcessHandle.current().pid());
      assertThat(ProcessHandle.of(pid)).isPresent();
      engine.close();
    }
    assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(made.stream().filter(Sample.class::isInstance)).hasSize(2 * PICTURES);
    assertThat(made.stream().filter(Boundary.class::isInstance)).hasSize(2);
  }

  private static List<TrackEvent> clip() {
    TestSourceSettings small =
        TestSourceSettings.hd(Instant.EPOCH)
            .withSize(320, 180, 300_000)
            .withFrameRate(new Rational(25, 1), 25, false)
            .withAudio(0, 48_000);
    List<TrackEvent> events = new ArrayList<>();
    try (TestSource source = new TestSource(small, events::add)) {
      source.play(LENGTH_MS, TimeUnit.MILLISECONDS);
    }
    long startTicks =
        events.stream()
            .filter(Sample.class::isInstance)
            .mapToLong(event -> ((Sample) event).ptsTicks())
            .findFirst()
            .orElseThrow();
    events.add(1, new Boundary(0, startTicks, Instant.EPOCH, false));
    events.add(new TrackEvent.End("clip is over"));
    return events;
  }

  private static final class Fails implements TranscoderListener {
    @Override
    public void rungFailed(String rung, Throwable cause) {
      throw new AssertionError(rung, cause);
    }

    @Override
    public void sourceFailed(Throwable cause) {
      throw new AssertionError(cause);
    }
  }
}
