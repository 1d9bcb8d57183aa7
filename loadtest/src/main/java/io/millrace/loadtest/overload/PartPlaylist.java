package io.millrace.loadtest.overload;

import java.util.ArrayList;
import java.util.List;

/**
 * A media playlist with its parts (RFC 8216bis §4.4.4.9), as far as a player at the live edge needs
 * it.
 *
 * @param holdBackUs HOLD-BACK, for players that do not know parts (§4.4.3.8)
 * @param partHoldBackUs PART-HOLD-BACK, for those that do
 * @param partTargetUs no part is longer
 * @param segments the last one may be incomplete
 */
record PartPlaylist(
    long holdBackUs,
    long partHoldBackUs,
    long partTargetUs,
    List<Segment> segments,
    boolean ended) {
  PartPlaylist {
    segments = List.copyOf(segments);
  }

  /**
   * A segment, or the beginning of one.
   *
   * @param durationUs of the whole; 0 while it is incomplete
   * @param uri empty while it is incomplete
   * @param gap EXT-X-GAP (§4.4.4.7)
   * @param parts empty for an older one
   */
  record Segment(long sequence, long durationUs, String uri, boolean gap, List<Part> parts) {
    Segment {
      parts = List.copyOf(parts);
    }

    boolean isComplete() {
      return !uri.isEmpty();
    }

    /** What it lasts, or has lasted so far. */
    long reachesUs() {
      return isComplete() ? durationUs : parts.stream().mapToLong(Part::durationUs).sum();
    }
  }

  /**
   * A part.
   *
   * @param gap GAP=YES
   */
  record Part(long durationUs, String uri, boolean gap) {}

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException where it is no playlist
   */
  static PartPlaylist parse(String text) {
    return parse(text, 0);
  }

  /**
   * The same without the parts of segments before {@code fromSequence}, which cost the most.
   *
   * @throws IllegalArgumentException where it is no playlist
   */
  static PartPlaylist parse(String text, long fromSequence) {
    if (!text.startsWith("#EXTM3U")) {
      throw new IllegalArgumentException("a playlist starts with #EXTM3U");
    }
    long holdBackUs = 0;
    long partHoldBackUs = 0;
    long partTargetUs = 0;
    long sequence = 0;
    long durationUs = 0;
    boolean gap = false;
    boolean ended = false;
    List<Segment> segments = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    for (String line : text.split("\n", 0)) {
      int colon = line.indexOf(':');
      String value = colon < 0 ? "" : line.substring(colon + 1);
      switch (!line.startsWith("#") ? "" : colon < 0 ? line : line.substring(0, colon)) {
        case "#EXT-X-SERVER-CONTROL" -> {
          holdBackUs = micros(attribute(value, "HOLD-BACK"));
          partHoldBackUs = micros(attribute(value, "PART-HOLD-BACK"));
        }
        case "#EXT-X-PART-INF" -> partTargetUs = micros(attribute(value, "PART-TARGET"));
        case "#EXT-X-MEDIA-SEQUENCE" -> sequence = Long.parseLong(value);
        case "#EXT-X-PART" -> {
          if (sequence >= fromSequence) {
            parts.add(
                new Part(
                    micros(attribute(value, "DURATION")),
                    attribute(value, "URI"),
                    attribute(value, "GAP").equals("YES")));
          }
        }
        case "#EXTINF" -> durationUs = micros(value.split(",", 2)[0]);
        case "#EXT-X-GAP" -> gap = true;
        case "#EXT-X-ENDLIST" -> ended = true;
        case "" -> {
          if (line.isEmpty()) {
            continue;
          }
          segments.add(new Segment(sequence++, durationUs, line, gap, parts));
          parts.clear();
          gap = false;
        }
        default -> {}
      }
    }
    if (!parts.isEmpty()) {
      segments.add(new Segment(sequence, 0, "", false, parts));
    }
    return new PartPlaylist(holdBackUs, partHoldBackUs, partTargetUs, segments, ended);
  }

  /** Empty where there is none of this name. By hand: viewers read hundreds of these a second. */
  private static String attribute(String list, String name) {
    int at = list.startsWith(name + "=") ? 0 : list.indexOf("," + name + "=") + 1;
    if (at == 0 && !list.startsWith(name + "=")) {
      return "";
    }
    int from = at + name.length() + 1;
    boolean quoted = list.startsWith("\"", from);
    int begin = quoted ? from + 1 : from;
    int end = list.indexOf(quoted ? '"' : ',', begin);
    return list.substring(begin, end < 0 ? list.length() : end);
  }

  private static long micros(String seconds) {
    return seconds.isEmpty() ? 0 : Math.round(Double.parseDouble(seconds) * 1e6);
  }
}
