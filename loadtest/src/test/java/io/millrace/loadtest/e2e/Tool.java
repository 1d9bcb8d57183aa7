package io.millrace.loadtest.e2e;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * An external program that a test needs. Where it is missing the test is skipped, visibly, with the
 * program's name; with {@code CI=true} in the environment it fails instead.
 */
public record Tool(String name, Path path) {

  /** The first of these programs that is installed. */
  public static Tool require(String... names) {
    for (String name : names) {
      Optional<Tool> found = find(name);
      if (found.isPresent()) {
        return found.get();
      }
    }
    return missing(String.join(" or ", names) + " is not installed");
  }

  public static Optional<Tool> find(String name) {
    return Stream.of(
            System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .findFirst()
        .map(path -> new Tool(name, path));
  }

  /** Skips the running test, or fails it under CI; never returns. */
  public static <T> T missing(String what) {
    if (inCi()) {
      Assertions.fail(what + ", and CI=true");
    }
    Assumptions.abort(what + ": skipped");
    throw new AssertionError();
  }

  public static boolean inCi() {
    return "true".equalsIgnoreCase(System.getenv("CI"));
  }

  /** This program with arguments, as a command line. */
  public List<String> with(List<String> arguments) {
    return Stream.concat(Stream.of(path.toString()), arguments.stream()).toList();
  }

  public List<String> with(String... arguments) {
    return with(List.of(arguments));
  }
}
