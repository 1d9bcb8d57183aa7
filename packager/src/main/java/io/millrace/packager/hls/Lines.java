package io.millrace.packager.hls;

import io.millrace.media.Timescale;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import io.millrace.packager.window.MediaNames;
import io.millrace.packager.window.OpenSegment;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a media playlist says of one interval (RFC 8216bis §4.4.4), as far as it does not depend on
 * the playlist.
 *
 * @param epoch wall-clock time of tick 0
 * @param dated true to give every interval its EXT-X-PROGRAM-DATE-TIME, which a player that gets
 *     deltas needs; otherwise only where durations do not tell it
 * @param keys writes the keys of what is encrypted
 */
public record Lines(MediaNames names, Instant epoch, boolean dated, KeyTags keys) {
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private static final long NO_DATE = Long.MIN_VALUE;

  /**
   * The lines of an interval, without parts.
   *
   * @param before the interval before, where it is listed as well
   * @param map the init segment in force before it
   */
  public byte[] interval(Interval interval, @Nullable Interval before, @Nullable InitSegment map) {
    StringBuilder out = new StringBuilder(192);
    InitSegment needed = interval instanceof Segment segment ? segment.init() : map;
    head(
        out,
        interval.discontinuity(),
        before == null || !same(needed, map) ? needed : null,
        before == null ? null : map,
        dated || jumps(interval, before) ? interval.startUs() : NO_DATE);
    body(out, interval);
    return bytes(out);
  }

  private static boolean same(@Nullable InitSegment a, @Nullable InitSegment b) {
    return a == null ? b == null : a.is(b);
  }

  private static boolean jumps(Interval interval, @Nullable Interval before) {
    return before == null
        || before instanceof Gap
        || interval.discontinuity()
        || interval.startUs() != before.endUs();
  }

  private void head(
      StringBuilder out,
      boolean discontinuity,
      @Nullable InitSegment map,
      @Nullable InitSegment mapBefore,
      long dateUs) {
    if (discontinuity) {
      out.append("#EXT-X-DISCONTINUITY\n");
    }
    if (map != null && map.bytes().length > 0) {
      keys.beforeMap(out, map, mapBefore);
      out.append("#EXT-X-MAP:URI=\"").append(names.init(map.number())).append("\"\n");
      keys.behindMap(out, map);
    }
    if (dateUs != NO_DATE) {
      out.append("#EXT-X-PROGRAM-DATE-TIME:")
          .append(DATE_TIME.format(epoch.plus(dateUs, ChronoUnit.MICROS)))
          .append('\n');
    }
  }

  private void body(StringBuilder out, Interval interval) {
    switch (interval) {
      case Segment segment -> extinf(out, segment).append(names.segment(segment)).append('\n');
      case Gap gap -> extinf(out.append("#EXT-X-GAP\n"), gap).append(names.gap(gap)).append('\n');
    }
  }

  /**
   * The lines of an interval with its parts, which stand between its date and its EXTINF.
   *
   * @param lines without parts, as {@link #interval} made them
   */
  void withParts(TextBuilder out, Interval interval, byte[] lines) {
    StringBuilder body = new StringBuilder(96);
    body(body, interval);
    out.append(lines, lines.length - body.length());
    parts(out, interval.sequence(), interval.parts(), interval.timescale());
    out.append(body);
  }

  /** The lines of a segment that is being made: those of its parts. */
  void open(
      TextBuilder out, OpenSegment open, @Nullable Interval before, @Nullable InitSegment map) {
    InitSegment init = open.opening().init();
    StringBuilder head = new StringBuilder(128);
    boolean first = before == null;
    head(
        head,
        open.opening().boundary().discontinuity(),
        first || !init.is(map) ? init : null,
        first ? null : map,
        init.timescale().rescale(open.opening().startTicks(), Timescale.MICROS));
    out.append(head);
    parts(out, open.sequence(), open.parts(), init.timescale());
  }

  private void parts(TextBuilder out, long sequence, List<Part> parts, Timescale timescale) {
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      out.append("#EXT-X-PART:DURATION=").append(seconds(durationUs(part, timescale)));
      out.append(",URI=\"").append(names.part(sequence, i)).append('"');
      String more = part.isMissing() ? ",GAP=YES" : part.independent() ? ",INDEPENDENT=YES" : "";
      out.append(more).append('\n');
    }
  }

  private static long durationUs(Part part, Timescale timescale) {
    return timescale.rescale(part.endTicks(), Timescale.MICROS)
        - timescale.rescale(part.startTicks(), Timescale.MICROS);
  }

  private static StringBuilder extinf(StringBuilder out, Interval interval) {
    return out.append("#EXTINF:").append(seconds(Math.max(0, interval.durationUs()))).append(",\n");
  }

  /** Decimal seconds, to the microsecond. */
  static String seconds(long us) {
    String fraction = Long.toString(us % 1_000_000 + 1_000_000);
    return us / 1_000_000 + "." + fraction.substring(1);
  }

  private static byte[] bytes(StringBuilder text) {
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }
}
