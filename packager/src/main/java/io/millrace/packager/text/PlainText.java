package io.millrace.packager.text;

import java.util.stream.Collectors;

/** Text without markup as the text of a cue (W3C WebVTT §3.2). */
public final class PlainText {
  /** More than anybody reads at once. */
  public static final int MAX_CHARS = 1_000;

  private PlainText() {}

  /**
   * Escaped, without blank lines and controls; cut where it is too long. Empty when there is
   * nothing to show. Letters of every script and marks of direction stay as they are.
   */
  public static String escaped(String text) {
    int end = Math.min(text.length(), MAX_CHARS);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    return text.substring(0, end)
        .lines()
        .map(PlainText::line)
        .filter(line -> !line.isBlank())
        .collect(Collectors.joining("\n"));
  }

  private static String line(String line) {
    StringBuilder out = new StringBuilder(line.length() + 16);
    line.strip()
        .codePoints()
        .forEach(
            point -> {
              switch (point) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '\t' -> out.append(' ');
                default -> {
                  if (!isUnprintable(point)) {
                    out.appendCodePoint(point);
                  }
                }
              }
            });
    return out.toString();
  }

  /** Controls, and lone surrogates, which UTF-8 cannot hold. */
  static boolean isUnprintable(int codePoint) {
    return Character.isISOControl(codePoint)
        || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
  }
}
