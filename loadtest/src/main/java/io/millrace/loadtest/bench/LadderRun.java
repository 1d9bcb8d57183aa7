package io.millrace.loadtest.bench;

import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Engines;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.Transcoder;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderSettings;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.svtav1.SvtAv1Engines;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The process that {@link LadderComparison} measures: a whole clip through the transcoder, as fast
 * as it takes it, results thrown away.
 *
 * <p>Arguments: an FLV file and a {@link LadderCase}. Writes {@code decoded PICTURES} once, and a
 * line a rung: {@code rung NAME PICTURES KEYS BYTES ENGINE}.
 */
final class LadderRun {
  private static final long LIMIT_MINUTES = 10;

  private LadderRun() {}

  /** Exit code 1 when a rung failed or the end never came. */
  public static void main(String[] args) throws IOException, InterruptedException {
    ClipVideo video = ClipVideo.streamed(Path.of(args[0]));
    LadderPlan plan = LadderPlan.resolve(LadderCase.valueOf(args[1]).ladder(), video.format());
    CountDownLatch ends = new CountDownLatch(plan.rungs().size());
    try (SvtAv1Engines av1 = SvtAv1Engines.select(null, SvtAv1Engines.Preference.NEWEST);
        Transcoder transcoder =
            new Transcoder(
                "bench",
                plan,
                new Discard(ends),
                new Engines(av1),
                TranscoderSettings.OFFLINE,
                new FailLoudly())) {
      video.feed(transcoder);
      if (!ends.await(LIMIT_MINUTES, TimeUnit.MINUTES)) {
        throw new IllegalStateException("no end after " + LIMIT_MINUTES + " minutes");
      }
      TranscoderStats stats = transcoder.stats();
      System.out.printf("decoded %d pictures%n", stats.picturesDecoded());
      for (RungStats rung : stats.rungs()) {
        System.out.printf(
            "rung %s %d %d %d %s%n",
            rung.name(), rung.picturesOut(), rung.keyFrames(), rung.bytesOut(), rung.engine());
      }
    }
  }

  private record Discard(CountDownLatch ends) implements RungSinks {
    @Override
    public TrackSink video(PlannedRung rung) {
      return event -> {
        if (event instanceof TrackEvent.End) {
          ends.countDown();
        }
        event.release();
      };
    }

    @Override
    public TrackSink audio(AudioRung rung) {
      throw new IllegalStateException("no audio here");
    }
  }

  private record FailLoudly() implements TranscoderListener {
    @Override
    public void rungFailed(String rung, Throwable cause) {
      fail(cause);
    }

    @Override
    public void sourceFailed(Throwable cause) {
      fail(cause);
    }

    private static void fail(Throwable cause) {
      cause.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }
}
