package io.millrace.loadtest.e2e;

import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * HLS playlists as a strict client reads them (RFC 8216bis); what it does not understand is an
 * error.
 */
public final class HlsPlaylist {
  private static final Pattern ATTRIBUTE =
      Pattern.compile("([A-Z0-9-]+)=(\"[^\"\\r\\n]*\"|[^,\"\\s]*)(?:,|$)");
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss[.SSSSSSSSS][.SSSSSS][.SSS][XXX][XX]");

  private HlsPlaylist() {}

  /** §4.4.6.2 EXT-X-STREAM-INF. */
  public record Variant(URI uri, Map<String, String> attributes) {
    public List<String> codecs() {
      return List.of(attributes.getOrDefault("CODECS", "").split(","));
    }

    public long bandwidth() {
      return Long.parseLong(attributes.getOrDefault("BANDWIDTH", "0"));
    }
  }

  /** §4.4.6.1 EXT-X-MEDIA. */
  public record Rendition(@Nullable URI uri, Map<String, String> attributes) {}

  public record Master(List<Variant> variants, List<Rendition> renditions) {}

  /** A media segment; {@code sequence} is its media sequence number. */
  public record Entry(
      long sequence,
      URI uri,
      BigDecimal seconds,
      @Nullable Instant programDateTime,
      boolean gap,
      boolean discontinuity,
      @Nullable URI map) {}

  public record Media(
      int version,
      int targetSeconds,
      long firstSequence,
      long discontinuitySequence,
      List<Entry> entries,
      boolean ended) {}

  public static Master master(URI uri, String text) {
    List<Variant> variants = new ArrayList<>();
    List<Rendition> renditions = new ArrayList<>();
    Map<String, String> pending = null;
    for (String line : lines(text)) {
      if (line.startsWith("#EXT-X-STREAM-INF:")) {
        pending = attributes(line);
      } else if (line.startsWith("#EXT-X-MEDIA:")) {
        Map<String, String> attributes = attributes(line);
        String of = attributes.get("URI");
        renditions.add(new Rendition(of == null ? null : uri.resolve(of), attributes));
      } else if (!line.startsWith("#")) {
        if (pending == null) {
          throw new AssertionError("URI without EXT-X-STREAM-INF: " + line);
        }
        variants.add(new Variant(uri.resolve(line), pending));
        pending = null;
      }
    }
    return new Master(List.copyOf(variants), List.copyOf(renditions));
  }

  public static Media media(URI uri, String text) {
    int version = 1;
    int target = -1;
    long sequence = 0;
    long discontinuitySequence = 0;
    boolean ended = false;
    List<Entry> entries = new ArrayList<>();
    BigDecimal seconds = null;
    Instant date = null;
    boolean gap = false;
    boolean discontinuity = false;
    URI map = null;
    long first = 0;
    for (String line : lines(text)) {
      String value = line.substring(line.indexOf(':') + 1);
      switch (line.startsWith("#") ? line.split(":", 2)[0] : "") {
        case "#EXTM3U",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            "#EXT-X-SERVER-CONTROL",
            "#EXT-X-BITRATE",
            "#EXT-X-PLAYLIST-TYPE" -> {}
        case "#EXT-X-VERSION" -> version = Integer.parseInt(value);
        case "#EXT-X-TARGETDURATION" -> target = Integer.parseInt(value);
        case "#EXT-X-MEDIA-SEQUENCE" -> sequence = first = Long.parseLong(value);
        case "#EXT-X-DISCONTINUITY-SEQUENCE" -> discontinuitySequence = Long.parseLong(value);
        case "#EXT-X-PROGRAM-DATE-TIME" -> date = OffsetDateTime.parse(value, DATE).toInstant();
        case "#EXT-X-DATERANGE" -> dateRange(line);
        case "#EXT-X-GAP" -> gap = true;
        case "#EXT-X-DISCONTINUITY" -> discontinuity = true;
        case "#EXT-X-MAP" -> map = uri.resolve(attributes(line).getOrDefault("URI", ""));
        case "#EXTINF" -> seconds = new BigDecimal(value.substring(0, value.indexOf(',')));
        case "#EXT-X-ENDLIST" -> ended = true;
        case "" -> {
          if (seconds == null) {
            throw new AssertionError("segment without EXTINF: " + line);
          }
          entries.add(
              new Entry(sequence++, uri.resolve(line), seconds, date, gap, discontinuity, map));
          seconds = null;
          date = null;
          gap = false;
          discontinuity = false;
        }
        default -> {
          if (line.startsWith("#EXT")) {
            throw new AssertionError("unexpected tag " + line);
          }
        }
      }
    }
    if (target < 0) {
      throw new AssertionError("no EXT-X-TARGETDURATION in " + uri + "\n" + text);
    }
    return new Media(version, target, first, discontinuitySequence, List.copyOf(entries), ended);
  }

  /** What RFC 8216bis §4.4.5.1 requires of every one. */
  private static void dateRange(String line) {
    Map<String, String> attributes = attributes(line);
    if (attributes.getOrDefault("ID", "").isEmpty()) {
      throw new AssertionError("date range without ID: " + line);
    }
    OffsetDateTime.parse(attributes.getOrDefault("START-DATE", ""), DATE);
  }

  private static List<String> lines(String text) {
    if (!text.startsWith("#EXTM3U")) {
      throw new AssertionError("not a playlist: " + text.lines().findFirst().orElse(""));
    }
    return text.lines().filter(line -> !line.isBlank()).toList();
  }

  private static Map<String, String> attributes(String line) {
    Map<String, String> attributes = new HashMap<>();
    Matcher matcher = ATTRIBUTE.matcher(line.substring(line.indexOf(':') + 1));
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      String value = matcher.group(2);
      attributes.put(
          matcher.group(1),
          value.startsWith("\"") ? value.substring(1, value.length() - 1) : value);
      end = matcher.end();
    }
    if (end != line.length() - line.indexOf(':') - 1) {
      throw new AssertionError("malformed attribute list: " + line);
    }
    return attributes;
  }
}
