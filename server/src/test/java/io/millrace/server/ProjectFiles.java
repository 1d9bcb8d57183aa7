package io.millrace.server;

import java.nio.file.Files;
import java.nio.file.Path;

/** The files of the project, wherever a test is started. */
public final class ProjectFiles {
  private ProjectFiles() {}

  /** The directory with the {@code millrace} launcher in it. */
  public static Path root() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("millrace"))
        || !Files.exists(directory.resolve("server/pom.xml"))) {
      directory = directory.getParent();
      if (directory == null) {
        throw new IllegalStateException("not inside the project");
      }
    }
    return directory;
  }
}
