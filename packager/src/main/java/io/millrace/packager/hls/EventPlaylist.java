package io.millrace.packager.hls;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The text of a media playlist that only grows ({@code EXT-X-PLAYLIST-TYPE:EVENT}, RFC 8216
 * §4.3.3.5), piece by piece, so that it may be appended to a file.
 */
public final class EventPlaylist {
  public static final String END = "#EXT-X-ENDLIST\n";

  private static final String TARGET = "#EXT-X-TARGETDURATION:";
  private static final DateTimeFormatter DATE_TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

  private EventPlaylist() {}

  public static String head(long targetDurationS, long mediaSequence) {
    return "#EXTM3U\n#EXT-X-VERSION:"
        + MediaPlaylist.VERSION
        + "\n"
        + TARGET
        + targetDurationS
        + "\n#EXT-X-MEDIA-SEQUENCE:"
        + mediaSequence
        + "\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n";
  }

  /** The same playlist with another target duration, which may not be smaller than any segment. */
  public static String withTarget(String playlist, long targetDurationS) {
    return playlist.replaceFirst("(?m)^" + TARGET + "\\d+$", TARGET + targetDurationS);
  }

  /**
   * @param map URI of the init segment, where it is another one than before
   * @param time wall-clock time of its start, where that does not follow from the entry before
   * @param gap true for one whose file does not exist
   */
  public static String entry(
      boolean discontinuity,
      @Nullable String map,
      @Nullable Instant time,
      boolean gap,
      long durationUs,
      String uri) {
    StringBuilder out = new StringBuilder(128);
    if (discontinuity) {
      out.append("#EXT-X-DISCONTINUITY\n");
    }
    if (map != null) {
      out.append("#EXT-X-MAP:URI=\"").append(map).append("\"\n");
    }
    if (time != null) {
      out.append("#EXT-X-PROGRAM-DATE-TIME:").append(DATE_TIME.format(time)).append('\n');
    }
    if (gap) {
      out.append("#EXT-X-GAP\n");
    }
    long us = Math.max(0, durationUs);
    out.append(String.format(Locale.ROOT, "#EXTINF:%d.%06d,\n", us / 1_000_000, us % 1_000_000));
    return out.append(uri).append('\n').toString();
  }
}
