package io.millrace.packager.window;

import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.Segment;
import java.nio.charset.StandardCharsets;

/**
 * Names of media files. HLS and DASH give a segment the same name, so that caches hold it once, and
 * two presentations of one stream never share a name, so that they may hold it for ever.
 *
 * <p>A segment is named by its start, which DASH writes as {@code $Time$}: players are known to
 * count {@code $Number$} on over a gap, whatever {@code S@n} says.
 *
 * @param instance letters and digits, unique among presentations with the same URL
 * @param extension of segments and parts, with its dot
 */
public record MediaNames(String instance, String extension) {
  private static final String UNRESERVED = "-._~";
  private static final String CMAF = ".m4s";

  /** Of media in CMAF. */
  public MediaNames(String instance) {
    this(instance, CMAF);
  }

  /** The same for media that is not in CMAF. */
  public MediaNames withExtension(String other) {
    return new MediaNames(instance, other);
  }

  /**
   * @param number of the init segment in its rendition
   */
  public String init(int number) {
    return "init-" + instance + "-" + number + ".mp4";
  }

  public String segment(Segment segment) {
    return segment(segment.startTicks());
  }

  /** Of a segment that starts at {@code startTicks}, sealed or not. */
  public String segment(long startTicks) {
    return "seg-" + instance + "-" + startTicks + extension;
  }

  /** Where a segment of this name would start; -1 for what is no name of a segment. */
  public long segmentStart(String name) {
    String prefix = "seg-" + instance + "-";
    if (!name.startsWith(prefix) || !name.endsWith(extension)) {
      return -1;
    }
    String ticks = name.substring(prefix.length(), name.length() - extension.length());
    try {
      return ticks.startsWith("-") ? -1 : Long.parseLong(ticks);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /**
   * @param sequence of the part's segment
   * @param index of the part in it
   */
  public String part(long sequence, int index) {
    return "part-" + instance + "-" + sequence + "-" + index + extension;
  }

  /** What a playlist calls a segment that does not exist. */
  public String gap(Gap gap) {
    return "gap-" + instance + "-" + gap.sequence() + extension;
  }

  /** {@link #segment} as a DASH template (ISO/IEC 23009-1 §5.3.9.4.4). */
  public String segmentTemplate() {
    return "seg-" + instance + "-$Time$" + extension;
  }

  /** A name as one path segment of a URI (RFC 3986 §2.1, §3.3). */
  public static String pathSegment(String name) {
    StringBuilder out = new StringBuilder(name.length());
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (b & 0xFF);
      if (c < 0x80 && (Character.isLetterOrDigit(c) || UNRESERVED.indexOf(c) >= 0)) {
        out.append(c);
      } else {
        out.append('%').append(Character.toUpperCase(Character.forDigit(c >> 4, 16)));
        out.append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
      }
    }
    return out.toString();
  }
}
