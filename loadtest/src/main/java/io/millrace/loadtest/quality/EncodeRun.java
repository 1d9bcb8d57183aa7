package io.millrace.loadtest.quality;

import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Engines;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.Transcoder;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderSettings;
import io.millrace.codec.svtav1.SvtAv1Engines;
import io.millrace.loadtest.bench.ClipVideo;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that {@link QualityCommand} measures: a clip through the server's transcoder with a
 * ladder of one rung.
 *
 * <p>Arguments: an FLV file, the file to write, {@link Contender#spec}, one of its points, the cap
 * in bit/s, {@code fast} or {@code paced}. Fast: as fast as the encoder takes it, nothing is left
 * out. Paced: picture by picture in their own time, as live; then the delay is told too.
 */
final class EncodeRun {
  private static final long LIMIT_MINUTES = 10;

  private EncodeRun() {}

  /** Exit code 1 when the rung failed or the end never came. */
  public static void main(String[] args) throws IOException, InterruptedException {
    ClipVideo video = new ClipVideo(FlvClip.read(Path.of(args[0])));
    Contender contender = Contender.parse(args[2]);
    boolean paced = args[5].equals("paced");
    TrackFormat.Video source = video.format();
    Ladder ladder =
        new Ladder(
            List.of(
                contender.rung(
                    Math.min(source.width(), source.height()),
                    Integer.parseInt(args[3]),
                    Long.parseLong(args[4]))),
            null);
    LadderPlan plan = LadderPlan.resolve(ladder, source);
    if (!plan.skipped().isEmpty()) {
      throw new IllegalArgumentException(plan.skipped().getFirst().reason());
    }
    CountDownLatch end = new CountDownLatch(1);
    try (RungFile file = new RungFile(Path.of(args[1]));
        SvtAv1Engines av1 = SvtAv1Engines.select(null, SvtAv1Engines.Preference.NEWEST)) {
      DelayMeter meter = new DelayMeter(new Engines(av1));
      try (Transcoder transcoder =
          new Transcoder(
              "quality",
              plan,
              new Writing(file, end),
              meter,
              paced ? TranscoderSettings.LIVE : TranscoderSettings.OFFLINE,
              new FailLoudly())) {
        long startNs = System.nanoTime();
        video.feed(paced ? pacing(transcoder) : transcoder);
        if (!end.await(LIMIT_MINUTES, TimeUnit.MINUTES)) {
          throw new IllegalStateException("no end after " + LIMIT_MINUTES + " minutes");
        }
        long wallNs = System.nanoTime() - startNs;
        RungStats rung = transcoder.stats().rungs().getFirst();
        System.out.println(
            Encoding.line(
                rung.picturesOut(), rung.bytesOut(), rung.encodeCpuNs(), wallNs, rung.engine()));
      }
      if (paced) {
        System.out.println(meter.delay().line());
      }
    }
  }

  /** Holds each picture back until its decoding time. */
  private static TrackSink pacing(TrackSink sink) {
    long startNs = System.nanoTime();
    return event -> {
      if (event instanceof TrackEvent.Sample sample) {
        long dueNs = startNs + Timescale.VIDEO.rescale(sample.dtsTicks(), Timescale.MICROS) * 1_000;
        for (long leftNs = dueNs - System.nanoTime();
            leftNs > 0;
            leftNs = dueNs - System.nanoTime()) {
          LockSupport.parkNanos(leftNs);
        }
      }
      sink.accept(event);
    };
  }

  private record Writing(RungFile file, CountDownLatch end) implements RungSinks {
    @Override
    public TrackSink video(PlannedRung rung) {
      return event -> {
        boolean last = event instanceof TrackEvent.End;
        file.accept(event);
        if (last) {
          end.countDown();
        }
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
