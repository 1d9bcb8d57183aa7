package io.millrace.packager.cue;

import io.millrace.media.Timescale;
import io.millrace.packager.cue.CueSnapshot.Event;
import io.millrace.packager.cue.CueSnapshot.Line;
import io.millrace.packager.cue.Range.Said;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Ranges as {@code EXT-X-DATERANGE} tags (RFC 8216bis §4.4.5.1, §4.4.5.1.1) and as events of a
 * manifest.
 *
 * <p>The in point of a splice is a tag of its own with the same id and start, for a tag that has
 * been listed does not change.
 */
final class Listing {
  private static final String CLASS = "urn:scte:scte35:2013:bin";
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private record Numbered(long number, Line line) {
    static Numbered of(Said said, String id, String tag) {
      return new Numbered(said.number(), new Line(said.sequence(), id, tag));
    }
  }

  private Listing() {}

  static CueSnapshot of(List<Range> ranges, Instant epoch, boolean timedId3) {
    List<Numbered> tags = new ArrayList<>();
    Map<Long, Event> events = new TreeMap<>();
    for (Range range : ranges) {
      Instant start = start(range, epoch);
      String id = range.key + "-" + start.toEpochMilli();
      Said out = range.out;
      if (out != null) {
        tags.add(Numbered.of(out, id, outTag(range, out, head(id, start))));
        long lasts =
            range.endTicks == Range.UNKNOWN
                ? range.plannedTicks
                : range.endTicks - range.startTicks;
        events.putIfAbsent(out.number(), event(out, range.startTicks, lasts));
      }
      Said in = range.in;
      if (in != null) {
        tags.add(Numbered.of(in, id, inTag(range, in, head(id, start))));
        events.putIfAbsent(in.number(), event(in, range.endTicks, Range.UNKNOWN));
      }
    }
    tags.sort(Comparator.comparingLong(Numbered::number)); // and so by sequence
    List<Event> inOrder = new ArrayList<>(events.values());
    inOrder.sort(Comparator.comparingLong(Event::startTicks));
    return new CueSnapshot(tags.stream().map(Numbered::line).toList(), inOrder, timedId3);
  }

  private static Event event(Said said, long startTicks, long durationTicks) {
    String base64 = Base64.getEncoder().encodeToString(said.message());
    return new Event(said.number(), startTicks, durationTicks, base64);
  }

  private static String outTag(Range range, Said out, StringBuilder tag) {
    if (range.plannedTicks != Range.UNKNOWN) {
      tag.append(",PLANNED-DURATION=").append(seconds(range.plannedTicks));
    }
    tag.append(range.isSplice() ? ",SCTE35-OUT=0x" : ",SCTE35-CMD=0x");
    return tag.append(HEX.formatHex(out.message())).append('\n').toString();
  }

  private static String inTag(Range range, Said in, StringBuilder tag) {
    if (range.out != null) {
      tag.append(",DURATION=").append(seconds(range.endTicks - range.startTicks));
    }
    return tag.append(",SCTE35-IN=0x").append(HEX.formatHex(in.message())).append('\n').toString();
  }

  private static Instant start(Range range, Instant epoch) {
    long startUs = Timescale.VIDEO.rescale(range.startTicks, Timescale.MICROS);
    return epoch.plus(startUs, ChronoUnit.MICROS);
  }

  /**
   * @param id has the start in it too: an event id may be used again later
   */
  private static StringBuilder head(String id, Instant start) {
    return new StringBuilder(256)
        .append("#EXT-X-DATERANGE:ID=\"")
        .append(id)
        .append("\",CLASS=\"")
        .append(CLASS)
        .append("\",START-DATE=\"")
        .append(DATE_TIME.format(start))
        .append('"');
  }

  private static String seconds(long ticks) {
    long us = Timescale.VIDEO.rescale(ticks, Timescale.MICROS);
    return us / 1_000_000 + "." + Long.toString(us % 1_000_000 + 1_000_000).substring(1);
  }
}
