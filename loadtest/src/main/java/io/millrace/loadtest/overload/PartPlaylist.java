package io.millrace.loadtest.overload;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
  private static final Pattern ATTRIBUTE = Pattern.compile("([A-Z-]+)=(?:\"([^\"]*)\"|([^,]*))");

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
    for (String line : text.lines().filter(each -> !each.isBlank()).toList()) {
      int colon = line.indexOf(':');
      String value = colon < 0 ? "" : line.substring(colon + 1);
      switch (!line.startsWith("#") ? "" : colon < 0 ? line : line.substring(0, colon)) {
        case "#EXT-X-SERVER-CONTROL" -> {
          holdBackUs = micros(attribute(value, "HOLD-BACK"));
          partHoldBackUs = micros(attribute(value, "PART-HOLD-BACK"));
        }
        case "#EXT-X-PART-INF" -> partTargetUs = micros(attribute(value, "PART-TARGET"));
        case "#EXT-X-MEDIA-SEQUENCE" -> sequence = Long.parseLong(value);
        case "#EXT-X-PART" ->
            parts.add(
                new Part(
                    micros(attribute(value, "DURATION")),
                    attribute(value, "URI"),
                    attribute(value, "GAP").equals("YES")));
        case "#EXTINF" -> durationUs = micros(value.split(",", 2)[0]);
        case "#EXT-X-GAP" -> gap = true;
        case "#EXT-X-ENDLIST" -> ended = true;
        case "" -> {
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

  /** Empty where there is none of this name. */
  private static String attribute(String list, String name) {
    Matcher matcher = ATTRIBUTE.matcher(list);
    while (matcher.find()) {
      if (matcher.group(1).equals(name)) {
        return matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
      }
    }
    return "";
  }

  private static long micros(String seconds) {
    return seconds.isEmpty() ? 0 : Math.round(Double.parseDouble(seconds) * 1e6);
  }
}
