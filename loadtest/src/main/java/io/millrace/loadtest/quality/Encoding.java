package io.millrace.loadtest.quality;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What one run of {@link EncodeRun} said of itself.
 *
 * @param kbps of coded video, without the container
 * @param cpuPerS CPU seconds of the rung's thread and of its encoder's own threads, for a second of
 *     content
 * @param realTime content seconds for a second of the whole chain, decoding included
 * @param engine library and version
 */
record Encoding(double kbps, double cpuPerS, double realTime, String engine) {
  private static final Pattern LINE =
      Pattern.compile("^encoded (\\d+) (\\d+) (\\d+) (\\d+) (.+)$", Pattern.MULTILINE);

  /** The line that {@link #parse} reads. */
  static String line(long pictures, long bytes, long cpuNs, long wallNs, String engine) {
    return String.format(
        Locale.ROOT, "encoded %d %d %d %d %s", pictures, bytes, cpuNs, wallNs, engine);
  }

  /**
   * Reads a run's output.
   *
   * @param clip whose pictures there have to be, all of them
   * @throws IllegalArgumentException when the line is not there, or pictures are missing
   */
  static Encoding parse(String output, Reference clip) {
    Matcher matcher = LINE.matcher(output);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no result in: " + output);
    }
    long pictures = Long.parseLong(matcher.group(1));
    if (pictures != clip.pictures()) {
      throw new IllegalArgumentException(pictures + " of " + clip.pictures() + " pictures");
    }
    double seconds = clip.seconds();
    return new Encoding(
        Long.parseLong(matcher.group(2)) * 8 / seconds / 1e3,
        Long.parseLong(matcher.group(3)) / 1e9 / seconds,
        seconds / (Long.parseLong(matcher.group(4)) / 1e9),
        matcher.group(5));
  }
}
