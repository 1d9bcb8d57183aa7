package io.millrace.server.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration with errors: all of them, in the order of the file. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient List<ConfigProblem> problems;

  public ConfigException(List<ConfigProblem> problems) {
    super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Errors and warnings; at least one error. */
  public List<ConfigProblem> problems() {
    return problems;
  }
}
