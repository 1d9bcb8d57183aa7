package io.millrace.loadtest.quality;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long an encoder keeps a picture when pictures come at their own pace.
 *
 * @param p50Ms from the picture going in to its packet coming out
 * @param heldMost pictures that had gone in behind one when it came out, at most
 */
record Delay(double p50Ms, double p99Ms, int heldMost) {
  private static final Pattern LINE =
      Pattern.compile("^delay ([0-9.]+) ([0-9.]+) (\\d+)$", Pattern.MULTILINE);

  /** The line that {@link #parse} reads. */
  String line() {
    return String.format(Locale.ROOT, "delay %.2f %.2f %d", p50Ms, p99Ms, heldMost);
  }

  /**
   * Reads a run's output.
   *
   * @throws IllegalArgumentException when the line is not there
   */
  static Delay parse(String output) {
    Matcher matcher = LINE.matcher(output);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no delay in: " + output);
    }
    return new Delay(
        Double.parseDouble(matcher.group(1)),
        Double.parseDouble(matcher.group(2)),
        Integer.parseInt(matcher.group(3)));
  }
}
