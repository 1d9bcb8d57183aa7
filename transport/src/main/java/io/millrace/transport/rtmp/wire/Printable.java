package io.millrace.transport.rtmp.wire;

/** Makes text of a peer's fit for a log line and for an error description. */
public final class Printable {
  private Printable() {}

  /**
   * {@code text} with everything but printable ASCII escaped, cut to {@code maxLength} characters
   * with an ellipsis.
   */
  public static String of(String text, int maxLength) {
    StringBuilder out = new StringBuilder(Math.min(text.length(), maxLength));
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      String piece =
          c >= 0x20 && c < 0x7F && c != '\\' ? String.valueOf(c) : "\\u%04x".formatted((int) c);
      if (out.length() + piece.length() > maxLength) {
        return out.append("...").toString();
      }
      out.append(piece);
    }
    return out.toString();
  }
}
