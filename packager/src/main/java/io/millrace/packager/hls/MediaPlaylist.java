package io.millrace.packager.hls;

import io.millrace.packager.cue.CueSnapshot;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.WindowSnapshot;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * A media playlist (RFC 8216bis §4.4.3, §4.4.4).
 *
 * @param epoch wall-clock time of tick 0
 * @param targetDurationS no interval listed rounds to more
 * @param discontinuitySequence discontinuities of the stream before the first interval
 * @param ended true when nothing will be added
 * @param cues date ranges
 */
public record MediaPlaylist(
    WindowSnapshot window,
    MediaNames names,
    Instant epoch,
    long targetDurationS,
    long discontinuitySequence,
    boolean ended,
    CueSnapshot cues) {

  /** EXT-X-MAP outside of I-frame playlists needs 6 (§8). */
  static final int VERSION = 6;

  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final int INTERVAL_CHARS = 96;

  public String render() {
    StringBuilder out = new StringBuilder(256 + window.listed().size() * INTERVAL_CHARS);
    out.append("#EXTM3U\n#EXT-X-VERSION:").append(VERSION);
    out.append("\n#EXT-X-TARGETDURATION:").append(targetDurationS);
    out.append("\n#EXT-X-MEDIA-SEQUENCE:").append(Math.max(0, window.firstSequence()));
    if (discontinuitySequence > 0) {
      out.append("\n#EXT-X-DISCONTINUITY-SEQUENCE:").append(discontinuitySequence);
    }
    out.append("\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    InitSegment map = null;
    Interval before = null;
    int nextCue = 0;
    for (Interval interval : window.listed()) {
      nextCue = cues.append(out::append, nextCue, interval.sequence());
      map = append(out, interval, before, map);
      before = interval;
    }
    int _ = cues.append(out::append, nextCue, Long.MAX_VALUE);
    if (ended) {
      out.append("#EXT-X-ENDLIST\n");
    }
    return out.toString();
  }

  private @Nullable InitSegment append(
      StringBuilder out, Interval interval, @Nullable Interval before, @Nullable InitSegment map) {
    if (interval.discontinuity()) {
      out.append("#EXT-X-DISCONTINUITY\n");
    }
    InitSegment needed = interval instanceof Segment segment ? segment.init() : map;
    if (needed != null && !needed.is(map)) {
      out.append("#EXT-X-MAP:URI=\"").append(names.init(needed.number())).append("\"\n");
    }
    if (before == null
        || before instanceof Gap
        || interval.discontinuity()
        || interval.startUs() != before.endUs()) {
      out.append("#EXT-X-PROGRAM-DATE-TIME:").append(dateTime(interval)).append('\n');
    }
    switch (interval) {
      case Segment segment -> extinf(out, segment).append(names.segment(segment)).append('\n');
      case Gap gap -> extinf(out.append("#EXT-X-GAP\n"), gap).append(names.gap(gap)).append('\n');
    }
    return needed;
  }

  private String dateTime(Interval interval) {
    return DATE_TIME.format(epoch.plus(interval.startUs(), ChronoUnit.MICROS));
  }

  private static StringBuilder extinf(StringBuilder out, Interval interval) {
    long us = Math.max(0, interval.durationUs());
    String fraction = Long.toString(us % 1_000_000 + 1_000_000);
    return out.append("#EXTINF:")
        .append(us / 1_000_000)
        .append('.')
        .append(fraction, 1, 7)
        .append(",\n");
  }
}
