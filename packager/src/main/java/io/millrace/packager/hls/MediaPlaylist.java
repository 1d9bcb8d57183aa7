package io.millrace.packager.hls;

import io.millrace.media.Timescale;
import io.millrace.packager.cue.CueSnapshot;
import io.millrace.packager.cue.ListedCues;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.window.Entry;
import io.millrace.packager.window.OpenSegment;
import io.millrace.packager.window.WindowSnapshot;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A media playlist (RFC 8216bis §4.4.3, §4.4.4), put together from what was rendered when each
 * interval was sealed.
 *
 * @param lines made the text of the window's entries
 * @param targetDurationS no interval listed rounds to more
 * @param discontinuitySequence discontinuities of the stream before the first interval
 * @param ended true when nothing will be added
 * @param lowLatency null where there are no parts
 * @param cues date ranges
 * @param fixed true when nothing will ever be added or removed
 */
public record MediaPlaylist(
    WindowSnapshot window,
    Lines lines,
    long targetDurationS,
    long discontinuitySequence,
    boolean ended,
    @Nullable LowLatency lowLatency,
    ListedCues cues,
    boolean fixed) {

  /** EXT-X-MAP outside of I-frame playlists needs 6 (§8); some parsers want 8 for EXT-X-GAP. */
  static final int VERSION = 8;

  /**
   * EXT-X-SKIP in place of date ranges needs 10 (§8); a playlist and its deltas have one version.
   */
  private static final int SKIP_VERSION = 10;

  /** Some centuries: what can be rescaled. */
  private static final long MAX_US = Long.MAX_VALUE >> 9;

  private static final int HEAD_BYTES = 1024;
  private static final int PARTS_BYTES = 16_384;
  private static final int INTERVAL_BYTES = 128;

  /** The whole playlist. */
  public byte[] render() {
    long count = window.lastSequence() - window.firstSequence() + 1;
    TextBuilder out = builder(count);
    head(out);
    rest(out, window.first(), 0);
    return out.toBytes();
  }

  /** True where a delta update leaves something out; there is none of a playlist that has ended. */
  public boolean canSkip() {
    return lowLatency != null && !ended && window.skipped() > 0;
  }

  /**
   * The playlist for a player that has an earlier one (§6.2.5.1), with all date ranges; linear in
   * what it keeps.
   */
  public byte[] renderDelta() {
    return renderDelta("", 0);
  }

  /** The same without the date ranges that the earlier one has, and with the names of the gone. */
  public byte[] renderDeltaV2(Instant now) {
    List<String> gone = cues.goneSince(now.minus(remembered(targetDurationS)));
    String attribute = ",RECENTLY-REMOVED-DATERANGES=\"" + String.join("\t", gone) + '"';
    Instant boundary = now.minus(LowLatency.skipUntilUs(targetDurationS), ChronoUnit.MICROS);
    return renderDelta(attribute, cues.listedBefore(boundary));
  }

  /**
   * How long playlists tell of date ranges that have gone: CAN-SKIP-UNTIL at least, and as much
   * again, for a delta may be the newest there is for a while.
   */
  public static Duration remembered(long targetDurationS) {
    return Duration.of(2 * LowLatency.skipUntilUs(targetDurationS), ChronoUnit.MICROS);
  }

  private byte[] renderDelta(String attributes, int firstCue) {
    TextBuilder out = builder(0);
    head(out);
    out.append("#EXT-X-SKIP:SKIPPED-SEGMENTS=").append(window.skipped());
    out.append(attributes).append('\n');
    rest(out, window.firstKept(), firstCue);
    return out.toBytes();
  }

  private TextBuilder builder(long intervals) {
    long parts = lowLatency == null ? 0 : PARTS_BYTES;
    return new TextBuilder(Math.toIntExact(HEAD_BYTES + parts + intervals * INTERVAL_BYTES));
  }

  private void head(TextBuilder out) {
    out.append("#EXTM3U\n#EXT-X-VERSION:").append(lowLatency == null ? VERSION : SKIP_VERSION);
    out.append("\n#EXT-X-TARGETDURATION:").append(targetDurationS).append('\n');
    if (lowLatency != null) {
      lowLatency.head(out, targetDurationS);
    }
    out.append("#EXT-X-MEDIA-SEQUENCE:").append(Math.max(0, window.firstSequence()));
    if (discontinuitySequence > 0) {
      out.append("\n#EXT-X-DISCONTINUITY-SEQUENCE:").append(discontinuitySequence);
    }
    if (fixed) {
      out.append("\n#EXT-X-PLAYLIST-TYPE:VOD");
    }
    out.append("\n#EXT-X-INDEPENDENT-SEGMENTS\n");
  }

  /** The same, of what lies between two instants of the stream's time; whole segments only. */
  public MediaPlaylist between(long startUs, long endUs) {
    WindowSnapshot cut = window.between(startUs, endUs);
    long[] discontinuities = {discontinuitySequence};
    window.forEach(
        window.first(),
        entry -> {
          boolean before = entry.sequence() < cut.firstSequence();
          discontinuities[0] += before && entry.interval().discontinuity() ? 1 : 0;
        });
    Entry last = window.last();
    boolean complete = ended || (last != null && last.interval().endUs() >= endUs);
    return new MediaPlaylist(
        cut,
        lines,
        targetDurationS,
        discontinuities[0],
        complete,
        null,
        cues.between(
            Timescale.MICROS.rescale(startUs, Timescale.VIDEO),
            Timescale.MICROS.rescale(Math.min(endUs, MAX_US), Timescale.VIDEO)),
        complete);
  }

  private void rest(TextBuilder out, @Nullable Entry from, int firstCue) {
    CueSnapshot tags = cues.cues();
    int[] nextCue = {firstCue};
    window.forEach(
        from,
        entry -> {
          nextCue[0] = tags.append(out::append, nextCue[0], entry.sequence());
          append(out, entry);
        });
    OpenSegment open = window.open();
    Entry last = window.last();
    if (open != null && !open.parts().isEmpty()) {
      Interval before = last == null ? null : last.interval();
      InitSegment map = last == null ? null : last.map();
      lines.open(out, open, before, map);
    }
    int _ = tags.append(out::append, nextCue[0], Long.MAX_VALUE);
    if (lowLatency != null && !ended) {
      lowLatency.tail(out);
    }
    if (ended) {
      out.append("#EXT-X-ENDLIST\n");
    }
  }

  /** The first one listed says what the others leave to the interval before. */
  private void append(TextBuilder out, Entry entry) {
    Interval interval = entry.interval();
    byte[] text =
        entry == window.first() ? lines.interval(interval, null, entry.map()) : entry.text();
    if (lowLatency != null && window.isInParts(interval)) {
      lines.withParts(out, interval, text);
    } else {
      out.append(text);
    }
  }
}
