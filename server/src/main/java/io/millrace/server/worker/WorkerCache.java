package io.millrace.server.worker;

import java.io.IOException;
import java.nio.file.Path;

/** The cache of loaded classes (JEP 514) that workers start from. */
public final class WorkerCache {
  private WorkerCache() {}

  /**
   * Makes it with a worker that works for a second on its own; some seconds.
   *
   * @return the exit code of that process
   */
  public static int make(Path file) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(WorkerCommand.train(file.toAbsolutePath()))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return process.waitFor();
  }
}
