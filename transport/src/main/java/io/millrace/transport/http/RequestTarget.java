package io.millrace.transport.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A request target (RFC 9112 §3.2; RFC 3986 §3.3, §3.4), decoded once and safe to look up.
 *
 * <p>Strict where leniency has let paths escape elsewhere: a dot segment, an encoded slash or
 * backslash, a control character, broken percent-encoding and broken UTF-8 are all refused, not
 * repaired. Only runs of slashes are folded into one.
 *
 * @param path starts with {@code /}
 */
public record RequestTarget(String path, QueryParameters query) {
  /** Parameters beyond this many make the request malformed. */
  public static final int MAX_PARAMETERS = 64;

  /** A target that is refused; the message says which rule it breaks and quotes nothing of it. */
  public static final class MalformedTargetException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedTargetException(String rule) {
      super(rule, null, false, false);
    }
  }

  /**
   * Parses origin-form and absolute-form (its authority is dropped), and {@code *} as the path
   * {@code /*}.
   *
   * @throws MalformedTargetException for everything else
   */
  public static RequestTarget parse(String raw) throws MalformedTargetException {
    if (raw.equals("*")) {
      return new RequestTarget("/*", QueryParameters.NONE);
    }
    String origin = raw.startsWith("/") ? raw : afterAuthority(raw);
    int fragment = origin.indexOf('#');
    if (fragment >= 0) {
      throw new MalformedTargetException("fragment in request target");
    }
    int question = origin.indexOf('?');
    String path = question < 0 ? origin : origin.substring(0, question);
    return new RequestTarget(
        path(path), question < 0 ? QueryParameters.NONE : query(origin.substring(question + 1)));
  }

  private static String afterAuthority(String raw) throws MalformedTargetException {
    int authority =
        raw.regionMatches(true, 0, "http://", 0, 7)
            ? 7
            : raw.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
    if (authority < 0) {
      throw new MalformedTargetException("neither origin-form nor absolute-form");
    }
    for (int i = authority; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c == '/') {
        return raw.substring(i);
      }
      if (c == '?') {
        return "/" + raw.substring(i);
      }
    }
    return "/";
  }

  /**
   * True for a path that is its own decoded form, as nearly all are: every segment but the last has
   * a character, none begins with a dot, and all of them are unreserved (RFC 3986 §2.3).
   */
  private static boolean isPlain(String raw) {
    if (raw.isEmpty() || raw.charAt(0) != '/') {
      return false;
    }
    for (int i = 1; i < raw.length(); i++) {
      char c = raw.charAt(i);
      boolean begins = raw.charAt(i - 1) == '/';
      if (begins && (c == '/' || c == '.')) {
        return false;
      }
      if (c != '/' && !isUnreserved(c)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isUnreserved(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '.'
        || c == '_'
        || c == '~';
  }

  private static String path(String raw) throws MalformedTargetException {
    if (isPlain(raw)) {
      return raw;
    }
    StringBuilder path = new StringBuilder(raw.length());
    int at = 0;
    while (at < raw.length()) {
      int end = raw.indexOf('/', at + 1);
      end = end < 0 ? raw.length() : end;
      String segment = decode(raw.substring(at + 1, end), false);
      boolean last = end == raw.length();
      if (segment.equals(".") || segment.equals("..")) {
        throw new MalformedTargetException("dot segment in path");
      }
      if (segment.indexOf('/') >= 0 || segment.indexOf('\\') >= 0) {
        throw new MalformedTargetException("encoded slash or backslash in path");
      }
      if (!segment.isEmpty() || last) {
        path.append('/').append(segment);
      }
      at = end;
    }
    return path.toString();
  }

  private static QueryParameters query(String raw) throws MalformedTargetException {
    Map<String, List<String>> values = new HashMap<>();
    int count = 0;
    int at = 0;
    while (at <= raw.length()) {
      int end = raw.indexOf('&', at);
      end = end < 0 ? raw.length() : end;
      if (end > at) {
        if (++count > MAX_PARAMETERS) {
          throw new MalformedTargetException("too many query parameters");
        }
        int equals = raw.indexOf('=', at);
        boolean bare = equals < 0 || equals > end;
        String name = decode(raw.substring(at, bare ? end : equals), true);
        String value = bare ? "" : decode(raw.substring(equals + 1, end), true);
        values.merge(name, List.of(value), RequestTarget::joined);
      }
      at = end + 1;
    }
    return new QueryParameters(Collections.unmodifiableMap(values));
  }

  private static List<String> joined(List<String> first, List<String> more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(more);
    return List.copyOf(all);
  }

  private static String decode(String raw, boolean plusIsSpace) throws MalformedTargetException {
    int plainChars = 0;
    while (plainChars < raw.length() && isUnreserved(raw.charAt(plainChars))) {
      plainChars++;
    }
    if (plainChars == raw.length()) {
      return raw;
    }
    byte[] bytes = new byte[raw.length()];
    int size = 0;
    boolean plain = true;
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      int octet = c;
      if (c == '%') {
        octet = i + 2 < raw.length() ? hex(raw.charAt(i + 1)) << 4 | hex(raw.charAt(i + 2)) : -1;
        if (octet < 0) {
          throw new MalformedTargetException("broken percent-encoding");
        }
        i += 2;
      } else if (c == '+' && plusIsSpace) {
        octet = ' ';
      } else if (c > 0x7f) {
        throw new MalformedTargetException("raw non-ASCII character");
      }
      if (octet < 0x20 || octet == 0x7f) {
        throw new MalformedTargetException("control character");
      }
      plain &= octet == c && c != '%';
      bytes[size++] = (byte) octet;
    }
    return plain ? raw : utf8(bytes, size);
  }

  private static String utf8(byte[] bytes, int size) throws MalformedTargetException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(bytes, 0, size))
          .toString();
    } catch (CharacterCodingException e) {
      throw new MalformedTargetException("broken UTF-8");
    }
  }

  private static int hex(char c) {
    int digit = c < 0x80 ? Character.digit(c, 16) : -1;
    return digit < 0 ? -256 : digit;
  }
}
