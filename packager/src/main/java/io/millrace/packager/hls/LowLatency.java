package io.millrace.packager.hls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a media playlist tells players that want to be close to the live edge (RFC 8216bis §4.4.3.7,
 * §4.4.3.8, §4.4.5.3, §4.4.5.4).
 *
 * @param partTargetUs no part is longer
 * @param partHoldBackUs how far from the live edge such a player should be; at least three parts of
 *     the rendition with the longest
 * @param hint name of the part that comes next; null when none will
 * @param reports how far the other renditions reach
 */
public record LowLatency(
    long partTargetUs, long partHoldBackUs, @Nullable String hint, List<Report> reports) {

  /**
   * How far another rendition reaches.
   *
   * @param uri of its playlist, from this one's
   * @param lastSequence media sequence number of its last part, or segment
   * @param lastPart index of its last part; -1 where that segment has none
   */
  public record Report(String uri, long lastSequence, int lastPart) {}

  /** A player that is further behind than so many target durations needs the whole playlist. */
  private static final int SKIP_TARGETS = 6;

  /** Players that do not know parts (§4.4.3.8: at least three). */
  private static final int HOLD_BACK_TARGETS = 3;

  /** CAN-SKIP-UNTIL: at least six target durations. */
  public static long skipUntilUs(long targetDurationS) {
    return SKIP_TARGETS * targetDurationS * 1_000_000;
  }

  void head(TextBuilder out, long targetDurationS) {
    out.append("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=");
    out.append(Lines.seconds(skipUntilUs(targetDurationS)));
    out.append(",CAN-SKIP-DATERANGES=YES,HOLD-BACK=");
    out.append(Lines.seconds(HOLD_BACK_TARGETS * targetDurationS * 1_000_000));
    out.append(",PART-HOLD-BACK=").append(Lines.seconds(partHoldBackUs));
    out.append("\n#EXT-X-PART-INF:PART-TARGET=").append(Lines.seconds(partTargetUs)).append('\n');
  }

  void tail(TextBuilder out) {
    if (hint != null) {
      out.append("#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"").append(hint).append("\"\n");
    }
    for (Report report : reports) {
      out.append("#EXT-X-RENDITION-REPORT:URI=\"").append(report.uri);
      out.append("\",LAST-MSN=").append(report.lastSequence);
      if (report.lastPart >= 0) {
        out.append(",LAST-PART=").append(report.lastPart);
      }
      out.append('\n');
    }
  }
}
