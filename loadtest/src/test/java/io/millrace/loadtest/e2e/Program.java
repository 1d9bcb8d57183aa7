package io.millrace.loadtest.e2e;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A running external program. Its output is drained by threads of its own, the last lines of its
 * error output are kept; closing ends it and everything that it started.
 */
public final class Program implements AutoCloseable {
  private static final int LOG_LINES = 200;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String name;
  private final Process process;
  private final ArrayDeque<String> log = new ArrayDeque<>();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final Thread outputReader;
  private final Thread logReader;
  private @Nullable Predicate<String> awaited;
  private CompletableFuture<String> seen = new CompletableFuture<>();

  private Program(String name, Process process) {
    this.name = name;
    this.process = process;
    this.outputReader = Thread.ofVirtual().start(this::readOutput);
    this.logReader = Thread.ofVirtual().start(this::readLog);
  }

  public static Program start(List<String> command) {
    return start(command, Map.of(), null);
  }

  public static Program start(
      List<String> command, Map<String, String> environment, @Nullable Path folder) {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(environment);
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    try {
      Process process = builder.start();
      return new Program(Path.of(command.getFirst()).getFileName().toString(), process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs to the end; the result holds all of standard output and the tail of standard error. */
  public static Result run(List<String> command, Duration limit) {
    try (Program program = start(command)) {
      program.closeInput();
      return program.await(limit);
    }
  }

  /**
   * @param log the last lines of standard error
   */
  public record Result(int exitCode, byte[] output, List<String> log) {
    public String text() {
      return new String(output, StandardCharsets.UTF_8);
    }

    /** This result, or an error with the program's own words. */
    public Result orFail(String what) {
      if (exitCode != 0) {
        throw new AssertionError(what + ": exit code " + exitCode + "\n" + String.join("\n", log));
      }
      return this;
    }
  }

  /** Waits for the program's end. */
  public Result await(Duration limit) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new AssertionError(name + " did not end within " + limit + "\n" + logText());
      }
      outputReader.join(PATIENCE);
      logReader.join(PATIENCE);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
    synchronized (this) {
      return new Result(process.exitValue(), output.toByteArray(), List.copyOf(log));
    }
  }

  /** Waits for a line on standard error. */
  public String awaitLine(Predicate<String> line, Duration limit) {
    CompletableFuture<String> found;
    synchronized (this) {
      for (String old : log) {
        if (line.test(old)) {
          return old;
        }
      }
      found = new CompletableFuture<>();
      seen = found;
      awaited = line;
    }
    process.onExit().thenRun(() -> found.completeExceptionally(new AssertionError("ended")));
    try {
      return found.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
      throw new AssertionError(name + ": the awaited line did not come\n" + logText(), e);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  public synchronized String logText() {
    return String.join("\n", log);
  }

  /** Standard output and the tail of standard error so far. */
  public synchronized String allText() {
    return output.toString(StandardCharsets.UTF_8) + "\n" + logText();
  }

  /** Writes to the program's standard input. */
  public void write(byte[] bytes) {
    try {
      process.getOutputStream().write(bytes);
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the program's standard input, which some programs take as the wish to stop. */
  public void closeInput() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** SIGHUP. */
  public void hangUp() {
    signal("HUP");
  }

  /** Whether SIGHUP does nothing, as it was started by something that ignores it (nohup). */
  public boolean ignoresHangUp() {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .mapToLong(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
          .anyMatch(mask -> (mask & 1) != 0);
    } catch (IOException e) {
      return false; // no Linux: it is tried
    }
  }

  /** Stops it where it is; its sockets stay open. */
  public void freeze() {
    signal("STOP");
  }

  public void unfreeze() {
    signal("CONT");
  }

  private void signal(String signal) {
    run(List.of("kill", "-" + signal, Long.toString(process.pid())), PATIENCE).orFail("kill");
  }

  /**
   * Asks it to end (SIGTERM), and goes on reading what it says meanwhile.
   *
   * @return completes with the exit code when it has ended
   */
  public CompletableFuture<Integer> terminate() {
    process.toHandle().destroy();
    return process.onExit().thenApply(Process::exitValue);
  }

  /**
   * Ends it as a power cut would: nothing is flushed, no goodbye. Sockets close with what is in
   * flight.
   */
  public void kill() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroyForcibly();
    children.forEach(ProcessHandle::destroyForcibly);
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Asks it to end, and insists after a while. */
  @Override
  public void close() {
    if (process.isAlive()) {
      List<ProcessHandle> children = process.descendants().toList();
      process.destroy();
      try {
        if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
      children.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private void readOutput() {
    try (InputStream in = process.getInputStream()) {
      byte[] buffer = new byte[16 * 1024];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        synchronized (this) {
          output.write(buffer, 0, n);
        }
      }
    } catch (IOException e) {
      // The program was killed: what was read stands.
    }
  }

  private void readLog() {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        logged(line);
      }
    } catch (IOException e) {
      // As above.
    }
  }

  private synchronized void logged(String line) {
    if (log.size() == LOG_LINES) {
      log.removeFirst();
    }
    log.addLast(line);
    if (awaited != null && awaited.test(line)) {
      awaited = null;
      seen.complete(line);
    }
  }

  private static AssertionError interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new AssertionError("interrupted", e);
  }
}
