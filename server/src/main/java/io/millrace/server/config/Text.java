package io.millrace.server.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Text of unknown origin, made fit for a message. */
final class Text {
  private static final int MAX_CHARS = 80;

  private Text() {}

  /** {@code text} with control characters as question marks, cut at {@value #MAX_CHARS}. */
  static String printable(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().limit(MAX_CHARS).forEach(c -> out.appendCodePoint(unprintable(c) ? '?' : c));
    return text.codePointCount(0, text.length()) > MAX_CHARS ? out + "…" : out.toString();
  }

  /** {@code text} printable and in double quotes. */
  static String quoted(String text) {
    return '"' + printable(text) + '"';
  }

  private static boolean unprintable(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /** The candidate that {@code name} is most likely meant to be; null where none is near. */
  static @Nullable String nearest(String name, Collection<String> candidates) {
    String best = null;
    int bestDistance = Math.max(1, Math.min(3, name.length() / 2)) + 1;
    for (String candidate : candidates) {
      int distance =
          Math.abs(candidate.length() - name.length()) >= bestDistance
              ? bestDistance
              : distance(name.toLowerCase(Locale.ROOT), candidate);
      if (distance < bestDistance) {
        bestDistance = distance;
        best = candidate;
      }
    }
    return best;
  }

  /** Edit distance with neighbours swapped counted as one (optimal string alignment). */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
