package io.millrace.transport.srt;

import io.millrace.media.StreamKey;
import io.millrace.transport.PercentCoding;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.RejectCode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a caller says it wants (libsrt, docs/features/access-control.md).
 *
 * <pre>
 *  #!::r=live/NAME,m=publish,s=KEY,u=USER     the guidelines' form; m may be left out
 *  #!:{r=live/NAME,m=publish,s=KEY}           the same, braced
 *  publish:live/NAME?key=KEY                  short
 *  live/NAME?key=KEY                          shorter
 * </pre>
 *
 * In the first two, values are taken as they are: the guidelines know no escapes, so they hold no
 * comma. Behind a question mark parameters are percent-encoded, as in a URL.
 *
 * @param user {@code u}, empty when it is not there; for the log only
 * @param query parameters behind the name, and {@code s} as {@code key}; holds the secret
 */
public record StreamId(StreamKey stream, String user, Map<String, String> query) {
  private static final String KEYED = "#!:";
  private static final String PUBLISH_PREFIX = "publish:";
  private static final int MAX_KEYS = 32;
  private static final int MAX_NAME_LENGTH = 128;

  public StreamId {
    query = Collections.unmodifiableMap(new LinkedHashMap<>(query));
  }

  /**
   * Reads a stream id.
   *
   * @throws HandshakeException with an access control {@link RejectCode} when it does not name a
   *     stream to be published; its message holds nothing of {@code text}
   */
  public static StreamId parse(String text) throws HandshakeException {
    if (text.isEmpty()) {
      throw bad("no stream id, use streamid=#!::r=live/NAME,m=publish,s=KEY");
    }
    return text.startsWith(KEYED) ? keyed(text.substring(KEYED.length())) : bare(text);
  }

  private static StreamId keyed(String content) throws HandshakeException {
    Map<String, String> keys = new LinkedHashMap<>();
    for (String pair : unwrapped(content).split(",", MAX_KEYS + 1)) {
      int equals = pair.indexOf('=');
      if (equals < 1 || keys.size() == MAX_KEYS) {
        throw bad("stream id is not key=value,key=value");
      }
      keys.putIfAbsent(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip());
    }
    requirePublish(keys.getOrDefault("m", "publish"));
    if (!keys.getOrDefault("t", "stream").equals("stream")) {
      throw new HandshakeException(
          RejectCode.UNSUPPORTED_MEDIA, "stream id has a type other than stream");
    }
    String resource = keys.get("r");
    if (resource == null) {
      throw bad("stream id has no r=live/NAME");
    }
    Map<String, String> query = query(resource);
    String session = keys.get("s");
    if (session != null) {
      query.put("key", session);
    }
    return new StreamId(stream(resource), keys.getOrDefault("u", ""), query);
  }

  private static String unwrapped(String content) throws HandshakeException {
    if (content.startsWith(":")) {
      return content.substring(1);
    }
    if (content.startsWith("{") && content.endsWith("}") && content.lastIndexOf('{') == 0) {
      return content.substring(1, content.length() - 1);
    }
    throw bad("stream id begins with #! but is neither #!::... nor #!:{...}");
  }

  private static StreamId bare(String text) throws HandshakeException {
    String resource = text;
    int colon = text.indexOf(':');
    int question = text.indexOf('?');
    if (colon >= 0 && (question < 0 || colon < question)) {
      requirePublish(text.substring(0, colon));
      resource = text.substring(PUBLISH_PREFIX.length());
    }
    return new StreamId(stream(resource), "", query(resource));
  }

  private static void requirePublish(String mode) throws HandshakeException {
    if (!mode.equals("publish")) {
      throw new HandshakeException(
          RejectCode.BAD_MODE, "only m=publish is supported, playback is by HLS and DASH");
    }
  }

  private static StreamKey stream(String resource) throws HandshakeException {
    int question = resource.indexOf('?');
    String path = question < 0 ? resource : resource.substring(0, question);
    int start = path.startsWith("/") ? 1 : 0;
    int slash = path.indexOf('/', start);
    if (slash < 0) {
      throw bad("stream id names no app/name");
    }
    String app = path.substring(start, slash);
    String name = path.substring(slash + 1);
    requireName(app);
    requireName(name);
    return new StreamKey(app, name);
  }

  private static void requireName(String name) throws HandshakeException {
    if (name.isEmpty()
        || name.length() > MAX_NAME_LENGTH
        || name.charAt(0) == '.'
        || !name.chars().allMatch(StreamId::isNameCharacter)) {
      throw bad("stream name has other characters than A-Z a-z 0-9 . _ - ~, or a wrong length");
    }
  }

  private static boolean isNameCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '_'
        || c == '-'
        || c == '~';
  }

  private static Map<String, String> query(String resource) throws HandshakeException {
    Map<String, String> query = new LinkedHashMap<>();
    int question = resource.indexOf('?');
    if (question < 0) {
      return query;
    }
    for (String parameter : resource.substring(question + 1).split("&", MAX_KEYS + 1)) {
      if (query.size() == MAX_KEYS) {
        throw bad("stream id has too many parameters");
      }
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      if (!name.isEmpty()) {
        String value = equals < 0 ? "" : parameter.substring(equals + 1);
        query.putIfAbsent(PercentCoding.decode(name), PercentCoding.decode(value));
      }
    }
    return query;
  }

  private static HandshakeException bad(String what) {
    return new HandshakeException(RejectCode.BAD_REQUEST, what);
  }

  /** Without the values of parameters. */
  @Override
  public String toString() {
    return "StreamId[stream=%s, query=%s (values left out)]".formatted(stream, query.keySet());
  }
}
