package io.millrace.loadtest.hls;

import io.millrace.loadtest.hls.HlsPlaylist.AudioRendition;
import io.millrace.loadtest.hls.HlsPlaylist.Media;
import io.millrace.loadtest.hls.HlsPlaylist.Multivariant;
import io.millrace.loadtest.hls.HlsPlaylist.Segment;
import io.millrace.loadtest.hls.HlsPlaylist.Variant;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads one playlist, line by line; used once. */
final class HlsPlaylistParser {
  private static final Pattern ATTRIBUTE = Pattern.compile("([A-Z0-9-]+)=(?:\"([^\"]*)\"|([^,]*))");

  private final List<Variant> variants = new ArrayList<>();
  private final List<AudioRendition> audio = new ArrayList<>();
  private final List<Segment> segments = new ArrayList<>();
  private @Nullable Map<String, String> streamInf;
  private @Nullable String mapUri;
  private int targetDurationS;
  private long sequence;
  private long durationUs = -1;
  private boolean gap;
  private boolean ended;

  HlsPlaylist parse(String text) {
    if (!text.startsWith("#EXTM3U")) {
      throw new IllegalArgumentException("a playlist starts with #EXTM3U");
    }
    text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(this::line);
    if (!variants.isEmpty()) {
      return new Multivariant(variants, audio);
    }
    if (targetDurationS <= 0) {
      throw new IllegalArgumentException("a media playlist needs EXT-X-TARGETDURATION");
    }
    return new Media(targetDurationS, segments, ended);
  }

  private void line(String line) {
    if (!line.startsWith("#")) {
      uri(line);
      return;
    }
    int colon = line.indexOf(':');
    String value = colon < 0 ? "" : line.substring(colon + 1);
    switch (colon < 0 ? line : line.substring(0, colon)) {
      case "#EXT-X-TARGETDURATION" -> targetDurationS = Integer.parseInt(value);
      case "#EXT-X-MEDIA-SEQUENCE" -> sequence = Long.parseLong(value);
      case "#EXTINF" -> durationUs = micros(value);
      case "#EXT-X-GAP" -> gap = true;
      case "#EXT-X-MAP" -> mapUri = attributes(value).get("URI");
      case "#EXT-X-ENDLIST" -> ended = true;
      case "#EXT-X-STREAM-INF" -> streamInf = attributes(value);
      case "#EXT-X-MEDIA" -> media(attributes(value));
      default -> {}
    }
  }

  private void uri(String uri) {
    Map<String, String> variant = streamInf;
    if (variant != null) {
      long bandwidthBps = Long.parseLong(variant.getOrDefault("BANDWIDTH", "0"));
      variants.add(new Variant(uri, bandwidthBps, variant.get("AUDIO")));
      streamInf = null;
      return;
    }
    if (durationUs < 0) {
      throw new IllegalArgumentException("a segment without EXTINF: " + uri);
    }
    segments.add(new Segment(sequence++, uri, mapUri, durationUs, gap));
    durationUs = -1;
    gap = false;
  }

  private void media(Map<String, String> attributes) {
    if ("AUDIO".equals(attributes.get("TYPE"))) {
      audio.add(new AudioRendition(attributes.getOrDefault("GROUP-ID", ""), attributes.get("URI")));
    }
  }

  private static Map<String, String> attributes(String list) {
    Map<String, String> attributes = new HashMap<>();
    Matcher matcher = ATTRIBUTE.matcher(list);
    while (matcher.find()) {
      String quoted = matcher.group(2);
      attributes.put(matcher.group(1), quoted != null ? quoted : matcher.group(3));
    }
    return attributes;
  }

  /** {@code EXTINF}'s decimal seconds, up to the comma, in microseconds. */
  private static long micros(String extinf) {
    int comma = extinf.indexOf(',');
    return new BigDecimal(comma < 0 ? extinf : extinf.substring(0, comma))
        .movePointRight(6)
        .setScale(0, RoundingMode.HALF_UP)
        .longValueExact();
  }
}
