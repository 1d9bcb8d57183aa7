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

  /** §4.4.4.9 EXT-X-PART: a piece of the segment {@code sequence}. */
  public record Part(
      long sequence, int index, URI uri, BigDecimal seconds, boolean independent, boolean gap) {}

  /** §4.4.5.4 EXT-X-RENDITION-REPORT. */
  public record Report(URI uri, long lastSequence, int lastPart) {}

  /**
   * What a low-latency playlist has beyond segments.
   *
   * @param control attributes of EXT-X-SERVER-CONTROL
   * @param partTarget PART-TARGET of EXT-X-PART-INF; null where there are no parts
   * @param parts of all segments that are listed in parts, the open one last
   * @param hint of EXT-X-PRELOAD-HINT
   * @param skipped SKIPPED-SEGMENTS of EXT-X-SKIP
   */
  public record LowLatency(
      Map<String, String> control,
      @Nullable BigDecimal partTarget,
      List<Part> parts,
      @Nullable URI hint,
      List<Report> reports,
      int skipped) {}

  public record Media(
      int version,
      int targetSeconds,
      long firstSequence,
      long discontinuitySequence,
      List<Entry> entries,
      boolean ended,
      LowLatency lowLatency) {
    /** The media sequence number behind the last whole segment. */
    public long openSequence() {
      return entries.isEmpty() ? firstSequence : entries.getLast().sequence() + 1;
    }

    /** Parts of the segment that is not whole yet. */
    public int openParts() {
      return (int)
          lowLatency.parts.stream().filter(part -> part.sequence == openSequence()).count();
    }

    public List<Part> partsOf(long sequence) {
      return lowLatency.parts.stream().filter(part -> part.sequence == sequence).toList();
    }
  }

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
    Map<String, String> control = Map.of();
    BigDecimal partTarget = null;
    List<Part> parts = new ArrayList<>();
    URI hint = null;
    List<Report> reports = new ArrayList<>();
    int skipped = 0;
    int partIndex = 0;
    for (String line : lines(text)) {
      String value = line.substring(line.indexOf(':') + 1);
      switch (line.startsWith("#") ? line.split(":", 2)[0] : "") {
        case "#EXTM3U",
            "#EXT-X-INDEPENDENT-SEGMENTS",
            "#EXT-X-BITRATE",
            "#EXT-X-PLAYLIST-TYPE" -> {}
        case "#EXT-X-VERSION" -> version = Integer.parseInt(value);
        case "#EXT-X-TARGETDURATION" -> target = Integer.parseInt(value);
        case "#EXT-X-MEDIA-SEQUENCE" -> sequence = first = Long.parseLong(value);
        case "#EXT-X-DISCONTINUITY-SEQUENCE" -> discontinuitySequence = Long.parseLong(value);
        case "#EXT-X-PROGRAM-DATE-TIME" -> date = OffsetDateTime.parse(value, DATE).toInstant();
        case "#EXT-X-DATERANGE" -> dateRange(line);
        case "#EXT-X-KEY" -> {
          if (!attributes(line).containsKey("METHOD")) {
            throw new AssertionError("key without METHOD: " + line);
          }
        }
        case "#EXT-X-GAP" -> gap = true;
        case "#EXT-X-DISCONTINUITY" -> discontinuity = true;
        case "#EXT-X-MAP" -> map = uri.resolve(attributes(line).getOrDefault("URI", ""));
        case "#EXTINF" -> seconds = new BigDecimal(value.substring(0, value.indexOf(',')));
        case "#EXT-X-ENDLIST" -> ended = true;
        case "#EXT-X-SERVER-CONTROL" -> control = attributes(line);
        case "#EXT-X-PART-INF" ->
            partTarget = new BigDecimal(attributes(line).getOrDefault("PART-TARGET", ""));
        case "#EXT-X-SKIP" -> {
          skipped = Integer.parseInt(attributes(line).getOrDefault("SKIPPED-SEGMENTS", ""));
          sequence += skipped;
        }
        case "#EXT-X-PART" -> {
          Map<String, String> of = attributes(line);
          parts.add(
              new Part(
                  sequence,
                  partIndex++,
                  uri.resolve(of.getOrDefault("URI", "")),
                  new BigDecimal(of.getOrDefault("DURATION", "")),
                  "YES".equals(of.get("INDEPENDENT")),
                  "YES".equals(of.get("GAP"))));
        }
        case "#EXT-X-PRELOAD-HINT" -> {
          Map<String, String> of = attributes(line);
          if (hint != null || !"PART".equals(of.get("TYPE"))) {
            throw new AssertionError("one hint, of a part: " + line);
          }
          hint = uri.resolve(of.getOrDefault("URI", ""));
        }
        case "#EXT-X-RENDITION-REPORT" -> {
          Map<String, String> of = attributes(line);
          reports.add(
              new Report(
                  uri.resolve(of.getOrDefault("URI", "")),
                  Long.parseLong(of.getOrDefault("LAST-MSN", "")),
                  Integer.parseInt(of.getOrDefault("LAST-PART", "-1"))));
        }
        case "" -> {
          if (seconds == null) {
            throw new AssertionError("segment without EXTINF: " + line);
          }
          entries.add(
              new Entry(sequence++, uri.resolve(line), seconds, date, gap, discontinuity, map));
          partIndex = 0;
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
    LowLatency lowLatency =
        new LowLatency(
            control, partTarget, List.copyOf(parts), hint, List.copyOf(reports), skipped);
    return new Media(
        version, target, first, discontinuitySequence, List.copyOf(entries), ended, lowLatency);
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
