package io.millrace.packager.segment;

import io.millrace.media.Timescale;
import java.time.Duration;

/**
 * How segments are made.
 *
 * @param maxAudioLag how long after its end an audio interval may still be filled
 * @param maxSegment a segment that grows longer is given up
 * @param maxSegmentBytes a segment whose payload grows larger is given up
 */
public record SegmentSettings(Duration maxAudioLag, Duration maxSegment, int maxSegmentBytes) {

  static long ticks(Duration duration, Timescale timescale) {
    return Timescale.MICROS.rescale(duration.toNanos() / 1_000, timescale);
  }
}
