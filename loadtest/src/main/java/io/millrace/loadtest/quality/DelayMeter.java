package io.millrace.loadtest.quality;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.VideoEncoders;
import io.millrace.media.Timescale;
import io.millrace.media.TrackFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Encoders that note when each picture goes in and comes out. For one rung: its thread alone calls
 * it, and the result is read when that has ended.
 */
final class DelayMeter implements VideoEncoders {
  /** Behind the start, where the JVM still compiles itself and the encoder is opened anew. */
  private static final long SKIPPED_TICKS = 5L * Timescale.VIDEO.ticksPerSecond();

  private record In(long atNs, long number) {}

  private final VideoEncoders encoders;
  private final Map<Long, In> inside = new HashMap<>();
  private final List<Double> delaysMs = new ArrayList<>();
  private long pictures;
  private int heldMost;
  private boolean draining;

  DelayMeter(VideoEncoders encoders) {
    this.encoders = encoders;
  }

  @Override
  public VideoEncoder open(EncoderSettings settings, NativeAccount account) {
    return new Timed(encoders.open(settings, account));
  }

  /**
   * Of all pictures but those of the first seconds, and those that the end pushed out.
   *
   * @throws IllegalStateException when there are none
   */
  Delay delay() {
    if (delaysMs.isEmpty()) {
      throw new IllegalStateException("the clip is too short to measure delay");
    }
    List<Double> sorted = new ArrayList<>(delaysMs);
    Collections.sort(sorted);
    return new Delay(at(sorted, 0.5), at(sorted, 0.99), heldMost);
  }

  private static double at(List<Double> sorted, double share) {
    return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
  }

  private void out(long ptsTicks) {
    In picture = inside.remove(ptsTicks);
    if (picture != null && ptsTicks >= SKIPPED_TICKS && !draining) {
      delaysMs.add((System.nanoTime() - picture.atNs) / 1e6);
      heldMost = Math.max(heldMost, (int) (pictures - picture.number));
    }
  }

  private final class Timed implements VideoEncoder {
    private final VideoEncoder encoder;

    Timed(VideoEncoder encoder) {
      this.encoder = encoder;
    }

    @Override
    public TrackFormat.Video format() {
      return encoder.format();
    }

    @Override
    public boolean followsKeyInterval() {
      return encoder.followsKeyInterval();
    }

    @Override
    public String engine() {
      return encoder.engine();
    }

    @Override
    public void encode(Picture picture, long ptsTicks, boolean forceKey, Output output) {
      inside.put(ptsTicks, new In(System.nanoTime(), ++pictures));
      encoder.encode(picture, ptsTicks, forceKey, noting(output));
    }

    @Override
    public void drain(Output output) {
      draining = true;
      encoder.drain(noting(output));
      draining = false;
    }

    private Output noting(Output output) {
      return (payload, ptsTicks, dtsTicks, key) -> {
        out(ptsTicks);
        output.packet(payload, ptsTicks, dtsTicks, key);
      };
    }

    @Override
    public void close() {
      encoder.close();
    }
  }
}
