package io.millrace.loadtest.e2e;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What it does to segments that an encoder has left pictures out, as one does that is late on a
 * busy machine (README, "Limits"): they end early, the next ones begin where they ended, and parts
 * are longer than they are said to be.
 */
final class LeftOutPictures {
  private static final Pattern DROPPED =
      Pattern.compile(
          "(?m)^millrace_encoder_frames_dropped_total\\{[^}]*rendition=\"([^\"]+)\"[^}]*} [1-9]");

  private static final List<String> SIGNS =
      List.of(
          "samples last",
          "first presentation time is not its tfdt",
          " starts at ",
          "PART-TARGET is the maximum duration",
          ", listed ");

  private LeftOutPictures() {}

  /**
   * Problems that they do not explain: all where no encoder of the server has left one out, by its
   * metrics, and all of renditions whose encoder has not.
   */
  static List<String> unexplained(RunningServer server, List<String> problems) {
    if (problems.isEmpty()) {
      return problems;
    }
    String metrics = new String(Web.bytes(server.admin("/metrics")), StandardCharsets.UTF_8);
    Set<String> late =
        DROPPED.matcher(metrics).results().map(it -> it.group(1)).collect(Collectors.toSet());
    return problems.stream()
        .filter(problem -> late.stream().noneMatch(name -> explains(name, problem)))
        .toList();
  }

  private static boolean explains(String rendition, String problem) {
    return (problem.contains(rendition + "/") || problem.contains("DASH " + rendition + ":"))
        && SIGNS.stream().anyMatch(problem::contains);
  }
}
