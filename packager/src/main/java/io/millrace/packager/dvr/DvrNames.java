package io.millrace.packager.dvr;

/** Reads the names that {@link io.millrace.packager.window.MediaNames} makes. */
final class DvrNames {
  private static final String ENDING = ".m4s";
  private static final int MAX_DIGITS = 18;

  private DvrNames() {}

  /** The start of the segment of this name; -1 for a name of anything else. */
  static long startTicks(String instance, String fileName) {
    String beginning = "seg-" + instance + "-";
    if (!fileName.startsWith(beginning) || !fileName.endsWith(ENDING)) {
      return -1;
    }
    int from = beginning.length();
    int to = fileName.length() - ENDING.length();
    if (to <= from || to - from > MAX_DIGITS) {
      return -1;
    }
    for (int i = from; i < to; i++) {
      if (fileName.charAt(i) < '0' || fileName.charAt(i) > '9') {
        return -1;
      }
    }
    String digits = fileName.substring(from, to);
    return digits.length() > 1 && digits.charAt(0) == '0' ? -1 : Long.parseLong(digits);
  }
}
