package io.millrace.transport.rtmp;

import io.millrace.media.StreamKey;
import io.millrace.transport.PercentCoding;
import io.millrace.transport.rtmp.wire.Printable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where a publisher wants to publish, taken from {@code connect}'s app and tcUrl and {@code
 * publish}'s name, each of which may carry a query: {@code NAME?key=KEY}.
 *
 * @param query percent-decoded; the name's parameters win over the app's, those over the tcUrl's
 */
public record PublishTarget(StreamKey stream, Map<String, String> query) {
  private static final int MAX_TEXT_LENGTH = 2048;
  private static final int MAX_PARAMETERS = 32;
  private static final int SHOWN_LENGTH = 64;

  /**
   * @throws PublishRefusedException when app or name is missing, too long, or has other characters
   *     than letters, digits and {@code . _ - ~}
   */
  public static PublishTarget parse(String app, String tcUrl, String name, int maxNameLength) {
    if (app.length() > MAX_TEXT_LENGTH
        || tcUrl.length() > MAX_TEXT_LENGTH
        || name.length() > MAX_TEXT_LENGTH) {
      throw badName("app, tcUrl or stream name is longer than " + MAX_TEXT_LENGTH);
    }
    String bareApp = trimSlashes(withoutQuery(app));
    if (bareApp.isEmpty()) {
      bareApp = trimSlashes(pathOf(withoutQuery(tcUrl)));
    }
    String bareName = trimSlashes(withoutQuery(name));
    check("app", bareApp, maxNameLength);
    check("stream name", bareName, maxNameLength);

    Map<String, String> query = new LinkedHashMap<>();
    addQuery(query, name);
    addQuery(query, app);
    addQuery(query, tcUrl);
    return new PublishTarget(new StreamKey(bareApp, bareName), query);
  }

  private static void check(String what, String value, int maxLength) {
    if (value.isEmpty()) {
      throw badName(what + " is empty, publish to rtmp://HOST/APP/NAME");
    }
    if (value.length() > maxLength) {
      throw badName("%s is longer than %d characters".formatted(what, maxLength));
    }
    if (value.charAt(0) == '.' || !value.chars().allMatch(PublishTarget::isNameCharacter)) {
      throw badName(
          "%s \"%s\" has other characters than A-Z a-z 0-9 . _ - ~ or begins with a dot"
              .formatted(what, Printable.of(value, SHOWN_LENGTH)));
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

  private static PublishRefusedException badName(String description) {
    return new PublishRefusedException(
        PublishDecision.reject(PublishDecision.BAD_NAME, description));
  }

  private static String withoutQuery(String text) {
    int query = text.indexOf('?');
    return query < 0 ? text : text.substring(0, query);
  }

  private static String pathOf(String url) {
    int scheme = url.indexOf("://");
    int path = url.indexOf('/', scheme < 0 ? 0 : scheme + 3);
    return path < 0 ? "" : url.substring(path);
  }

  private static String trimSlashes(String text) {
    int start = 0;
    int end = text.length();
    while (start < end && text.charAt(start) == '/') {
      start++;
    }
    while (end > start && text.charAt(end - 1) == '/') {
      end--;
    }
    return text.substring(start, end);
  }

  private static void addQuery(Map<String, String> into, String text) {
    int start = text.indexOf('?') + 1;
    while (start > 0 && start < text.length() && into.size() < MAX_PARAMETERS) {
      int end = text.indexOf('&', start);
      String parameter = text.substring(start, end < 0 ? text.length() : end);
      int equals = parameter.indexOf('=');
      String name = equals < 0 ? parameter : parameter.substring(0, equals);
      if (!name.isEmpty()) {
        String value = equals < 0 ? "" : parameter.substring(equals + 1);
        into.putIfAbsent(PercentCoding.decode(name), PercentCoding.decode(value));
      }
      start = end + 1;
    }
  }
}
