package io.millrace.server.api;

import io.millrace.server.config.ConfigProblem;
import java.util.List;

/** What became of a reload of the configuration. */
public sealed interface ReloadResult {
  /**
   * The server runs by it.
   *
   * @param applied keys of what is different now
   * @param needsRestart keys of what is different in the file and not followed
   */
  record Reloaded(List<String> applied, List<String> needsRestart) implements ReloadResult {}

  /** Nothing has changed: the file is wrong. */
  record Refused(List<ConfigProblem> problems) implements ReloadResult {}
}
