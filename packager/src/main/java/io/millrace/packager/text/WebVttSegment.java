package io.millrace.packager.text;

import io.millrace.media.Timescale;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes WebVTT segments of HLS (RFC 8216 §3.5, RFC 8216bis §3.1.4): a whole file, with every cue
 * that is shown in the segment, also of those that begin before or end behind it. Such a cue has
 * the same identifier and times in each, by which players know it again.
 *
 * <p>Cue times are the stream's, in which {@code tfdt} of the other renditions counts, too. {@code
 * X-TIMESTAMP-MAP} says so for a clock of 33 bits at 90 kHz. Its fixed point lies far from the
 * stream's start, for hls.js takes one that coincides with where its own time begins for none; and
 * it is the same for a whole round of the clock, so that a cue has the same time, to the last digit
 * of what a player computes, in every segment.
 */
public final class WebVttSegment {
  /** MPEG-TS timestamps (ISO/IEC 13818-1 §2.4.3.7). */
  private static final long ROUND_90KHZ = 1L << 33;

  /** 13 h, in the middle of a round. */
  private static final long FIXED_POINT_MS = 13L * 3_600_000;

  private static final int TICKS_PER_MS_90KHZ = 90;

  private WebVttSegment() {}

  /**
   * A segment or part that shows {@code cues} from {@code fromTicks} to {@code toTicks}, in video
   * ticks.
   */
  public static byte[] write(List<TextCue> cues, long fromTicks, long toTicks) {
    StringBuilder out = new StringBuilder(96 + 128 * cues.size());
    long round = Timescale.scale(fromTicks, 90_000, Timescale.VIDEO.ticksPerSecond()) / ROUND_90KHZ;
    long localMs = Math.ceilDiv(round * ROUND_90KHZ, (long) TICKS_PER_MS_90KHZ) + FIXED_POINT_MS;
    out.append("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:");
    time(out, localMs);
    out.append(",MPEGTS:").append(localMs * TICKS_PER_MS_90KHZ - round * ROUND_90KHZ).append('\n');
    for (TextCue cue : cues) {
      long startTicks = cue.open() ? Math.max(cue.startTicks(), fromTicks) : cue.startTicks();
      long endTicks = cue.open() ? Math.min(cue.endTicks(), toTicks) : cue.endTicks();
      long startMs = millis(startTicks);
      out.append('\n').append(cue.id());
      if (cue.open()) {
        out.append('-').append(startMs);
      }
      out.append('\n');
      time(out, startMs);
      out.append(" --> ");
      time(out, Math.max(startMs + 1, millis(endTicks)));
      if (!cue.settings().isEmpty()) {
        out.append(' ').append(cue.settings());
      }
      out.append('\n').append(cue.text()).append('\n');
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static long millis(long ticks) {
    return Timescale.VIDEO.rescale(ticks, Timescale.MILLIS);
  }

  private static void time(StringBuilder out, long ms) {
    two(out, ms / 3_600_000);
    two(out.append(':'), ms / 60_000 % 60);
    two(out.append(':'), ms / 1_000 % 60);
    out.append('.').append(Long.toString(ms % 1_000 + 1_000), 1, 4);
  }

  private static void two(StringBuilder out, long value) {
    out.append(value < 10 ? "0" : "").append(value);
  }
}
