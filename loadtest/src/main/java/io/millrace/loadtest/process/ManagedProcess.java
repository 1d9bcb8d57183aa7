package io.millrace.loadtest.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A program that is ended, with everything below it, when it is closed or when this JVM goes away.
 * Its output goes to a file.
 */
public final class ManagedProcess implements AutoCloseable {
  private static final long TERM_WAIT_S = 15;
  private static final int TAIL_CHARS = 2_000;

  private final Process process;
  private final Path log;
  private final Thread hook;

  private ManagedProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    this.hook = new Thread(this::end, "end-" + process.pid());
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts {@code command}; its output replaces {@code log}. */
  public static ManagedProcess start(List<String> command, Path directory, Path log)
      throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(log.toFile())
            .start();
    return new ManagedProcess(process, log);
  }

  /**
   * Runs a program to its end and returns what it wrote.
   *
   * @throws IOException when it fails or does not end in time, with the end of its output
   */
  public static String output(Duration limit, Path directory, List<String> command)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("output", ".txt");
    try (ManagedProcess running = start(command, directory, log)) {
      running.awaitSuccess(limit);
      return Files.readString(log, StandardCharsets.UTF_8);
    } finally {
      Files.deleteIfExists(log);
    }
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** Waits a while for the end; false when it has not come. */
  public boolean await(long duration, TimeUnit unit) throws InterruptedException {
    return process.waitFor(duration, unit);
  }

  /**
   * Waits for the end.
   *
   * @throws IOException when it is not in time, or not with exit code 0
   */
  public void awaitSuccess(Duration limit) throws IOException, InterruptedException {
    if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("not finished within " + limit + ": " + tail());
    }
    if (process.exitValue() != 0) {
      throw new IOException("exit code " + process.exitValue() + ": " + tail());
    }
  }

  /** The end of its output. */
  public String tail() {
    try {
      String text = Files.readString(log, StandardCharsets.UTF_8).strip();
      return text.length() <= TAIL_CHARS ? text : text.substring(text.length() - TAIL_CHARS);
    } catch (IOException e) {
      return "(no output: " + e.getMessage() + ")";
    }
  }

  /** SIGTERM, and SIGKILL to whatever is left after a while. */
  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private void end() {
    List<ProcessHandle> below = process.descendants().toList();
    process.destroy();
    try {
      process.waitFor(TERM_WAIT_S, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
    below.forEach(ProcessHandle::destroyForcibly);
  }
}
