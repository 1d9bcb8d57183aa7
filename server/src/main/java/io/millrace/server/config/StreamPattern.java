package io.millrace.server.config;

import io.millrace.media.StreamKey;

/**
 * {@code APP/NAME}, where {@code *} in either part stands for any run of characters within that
 * part.
 */
public record StreamPattern(String app, String name) {

  public boolean matches(StreamKey stream) {
    return matches(app, stream.app()) && matches(name, stream.name());
  }

  /** Glob match that remembers only the last star: O(pattern × text), no recursion. */
  private static boolean matches(String glob, String text) {
    int g = 0;
    int t = 0;
    int star = -1;
    int resume = 0;
    while (t < text.length()) {
      if (g < glob.length() && glob.charAt(g) == '*') {
        star = g++;
        resume = t;
      } else if (g < glob.length() && glob.charAt(g) == text.charAt(t)) {
        g++;
        t++;
      } else if (star >= 0) {
        g = star + 1;
        t = ++resume;
      } else {
        return false;
      }
    }
    while (g < glob.length() && glob.charAt(g) == '*') {
      g++;
    }
    return g == glob.length();
  }

  @Override
  public String toString() {
    return app + "/" + name;
  }
}
