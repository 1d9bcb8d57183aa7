package io.millrace.server.edge;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.QueryParameters;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which object of an origin a request is for: what makes a difference to the answer and nothing
 * else. Tokens, CMCD and whatever else stands in a query neither split the cache nor reach the
 * origin.
 *
 * @param path percent-encoded
 * @param directives {@code _HLS_msn} and {@code _HLS_part} (RFC 8216bis §6.2.5.2), or empty
 * @param query the rest, in one order
 * @param coding the content coding that is asked of the origin; empty for none
 */
record ObjectKey(String path, String directives, String query, String coding, Kind kind) {

  /** What kind of object. */
  enum Kind {
    /** Playlists, manifests, lists: text that changes. */
    LIST,
    /** Media, pictures: as a rule the same for ever under its name. */
    MEDIA
  }

  /** A parameter that makes no sense; the message says which, and what would. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String rule) {
      super(rule, null, false, false);
    }
  }

  private static final int MAX_VALUE_CHARS = 40;
  private static final String UNESCAPED = "-._~!$&'()*+,;=:@/";
  private static final Set<String> LISTS =
      Set.of("master.m3u8", "media.m3u8", "manifest.mpd", "storyboard.vtt", "streams.json");

  static ObjectKey of(HttpExchange exchange) throws MalformedException {
    String path = exchange.path();
    QueryParameters query = exchange.query();
    String file = path.substring(path.lastIndexOf('/') + 1);
    if (!LISTS.contains(file)) {
      String kid = file.equals("keys") ? query.first("kid") : null;
      StringBuilder rest = new StringBuilder();
      text(rest, "kid", kid);
      return new ObjectKey(encode(path), "", rest.toString(), "", Kind.MEDIA);
    }
    StringBuilder directives = new StringBuilder();
    StringBuilder rest = new StringBuilder();
    boolean playlist = file.endsWith(".m3u8");
    boolean span = playlist || file.equals("manifest.mpd");
    if (file.equals("media.m3u8")) {
      number(directives, "_HLS_msn", query.first("_HLS_msn"));
      number(directives, "_HLS_part", query.first("_HLS_part"));
      String skip = query.first("_HLS_skip");
      if ("YES".equals(skip) || "v2".equals(skip)) {
        text(rest, "_HLS_skip", skip);
      }
    } else if (span) {
      text(rest, "codec", codec(query));
    }
    if (span && directives.isEmpty()) {
      text(rest, "start", query.first("start"));
      text(rest, "end", query.first("end"));
      if (playlist) {
        text(rest, "_HLS_start_offset", query.first("_HLS_start_offset"));
      }
    }
    String coding = coding(exchange.headers().get("accept-encoding"));
    return new ObjectKey(encode(path), directives.toString(), rest.toString(), coding, Kind.LIST);
  }

  /** As the origin understands it: three answers, whatever it is called. */
  private static @Nullable String codec(QueryParameters query) {
    String codec = query.first("codec");
    if (codec == null) {
      codec = query.first("betaCodecSuggestion");
    }
    return switch (codec) {
      case "av1" -> "av1";
      case "h264", "avc" -> "h264";
      case null, default -> null;
    };
  }

  /** The best of those that an origin has (RFC 9110 §12.5.3): so there are three at most. */
  private static String coding(@Nullable String accepted) {
    if (accepted == null) {
      return "";
    }
    boolean br = false;
    boolean gzip = false;
    for (String item : accepted.split(",", 32)) {
      String[] parts = item.strip().split(";", 2);
      boolean refused = parts.length == 2 && parts[1].replace(" ", "").matches("q=0(\\.0*)?");
      switch (parts[0].strip().toLowerCase(Locale.ROOT)) {
        case "br" -> br = !refused;
        case "gzip", "x-gzip" -> gzip = !refused;
        default -> {}
      }
    }
    return br ? "br" : gzip ? "gzip" : "";
  }

  private static void number(StringBuilder query, String name, @Nullable String value)
      throws MalformedException {
    if (value == null) {
      return;
    }
    boolean digits =
        !value.isEmpty()
            && value.length() <= 18
            && value.chars().allMatch(c -> c >= '0' && c <= '9');
    if (!digits) {
      throw new MalformedException(name + " is not a number of at most 18 digits");
    }
    append(query, name, Long.toString(Long.parseLong(value)));
  }

  private static void text(StringBuilder query, String name, @Nullable String value)
      throws MalformedException {
    if (value == null) {
      return;
    }
    if (value.length() > MAX_VALUE_CHARS) {
      throw new MalformedException(name + " is longer than " + MAX_VALUE_CHARS + " characters");
    }
    append(query, name, encode(value).replace("&", "%26").replace("+", "%2B"));
  }

  private static void append(StringBuilder query, String name, String value) {
    query.append(query.isEmpty() ? "" : "&").append(name).append('=').append(value);
  }

  private static String encode(String text) {
    StringBuilder encoded = null;
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < bytes.length; i++) {
      char c = (char) (bytes[i] & 0xff);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || UNESCAPED.indexOf(c) >= 0;
      if (!plain && encoded == null) {
        encoded = new StringBuilder(text.length() + 16).append(text, 0, i);
      }
      if (encoded != null) {
        if (plain) {
          encoded.append(c);
        } else {
          encoded.append(String.format("%%%02X", (int) c));
        }
      }
    }
    return encoded == null ? text : encoded.toString();
  }

  /** True for a playlist that the origin holds back until it reaches what is asked for. */
  boolean blocks() {
    return !directives.isEmpty();
  }

  /** The same playlist as it is now. */
  ObjectKey plain() {
    return blocks() ? new ObjectKey(path, "", query, coding, kind) : this;
  }

  /** The same playlist as it is now, with nothing left out (RFC 8216bis §6.2.5.1). */
  ObjectKey full() {
    String rest = query;
    if (rest.startsWith("_HLS_skip=")) {
      int end = rest.indexOf('&');
      rest = end < 0 ? "" : rest.substring(end + 1);
    }
    return new ObjectKey(path, "", rest, coding, kind);
  }

  /** What the origin is asked for (RFC 9112 §3.2.1). */
  String target() {
    String all = directives + (directives.isEmpty() || query.isEmpty() ? "" : "&") + query;
    return all.isEmpty() ? path : path + "?" + all;
  }

  /** {@code /app/name}: what an origin is chosen by. */
  String stream() {
    int app = path.indexOf('/', 1);
    int name = app < 0 ? -1 : path.indexOf('/', app + 1);
    return name < 0 ? path : path.substring(0, name);
  }
}
