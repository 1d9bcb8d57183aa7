package io.millrace.server.log;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The last net under the rule that no secret is ever given to a logger: masks what is named as one.
 */
public final class Redactor {
  public static final String MASK = "***";

  private static final Set<String> SECRET_NAMES =
      Set.of("key", "token", "password", "passphrase", "secret", "authorization");
  private static final Pattern ASSIGNMENT =
      Pattern.compile("(?i)\\b(key|token|password|passphrase|secret)=[^&\\s\"',;)\\]}]+");

  /** A playback token in front of a path. */
  private static final Pattern TOKEN = Pattern.compile("/t/[A-Za-z0-9_-]{32,}");

  private Redactor() {}

  /** Whether everything under this name is masked. */
  public static boolean isSecret(String name) {
    return SECRET_NAMES.contains(name.toLowerCase(Locale.ROOT));
  }

  /**
   * {@code text} with the value of each {@code key=…} in it masked, as in a URL's query, and the
   * token of each {@code /t/TOKEN}.
   */
  public static String redact(String text) {
    String masked =
        text.indexOf('=') < 0 ? text : ASSIGNMENT.matcher(text).replaceAll("$1=" + MASK);
    return masked.contains("/t/") ? TOKEN.matcher(masked).replaceAll("/t/" + MASK) : masked;
  }
}
