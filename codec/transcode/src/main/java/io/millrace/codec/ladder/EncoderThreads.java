package io.millrace.codec.ladder;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * The threads that a native encoder started for itself, and their CPU time. Linux gives a thread
 * the name of the thread that made it, so an encoder's threads are those that appeared under the
 * rung thread's name while the encoder was being opened. Elsewhere there are none to be found and
 * the time is 0.
 */
public final class EncoderThreads {
  private static final Path TASKS = Path.of("/proc/self/task");
  static final EncoderThreads NONE = new EncoderThreads(Set.of());

  private final Set<Path> tasks;

  private EncoderThreads(Set<Path> tasks) {
    this.tasks = tasks;
  }

  /** What was opened, and the threads that came with it. */
  public record Opened<T>(T value, EncoderThreads threads) {}

  /**
   * Runs {@code open} and finds the threads that it starts. Waits for nobody: another thread may
   * open another encoder, if it has another name.
   */
  public static <T> Opened<T> watch(Supplier<T> open) {
    Set<Path> before = tasks();
    T value = open.get();
    Set<Path> started = tasks();
    started.removeAll(before);
    String own = name(Path.of("/proc/thread-self"));
    started.removeIf(task -> own.isEmpty() || !name(task).equals(own));
    return new Opened<>(value, new EncoderThreads(started));
  }

  /** CPU time of all of them so far. */
  public long cpuNs() {
    long sumNs = 0;
    for (Path task : tasks) {
      List<String> lines = lines(task.resolve("schedstat"));
      if (!lines.isEmpty()) {
        sumNs += Long.parseLong(lines.getFirst().split(" ", 2)[0]);
      }
    }
    return sumNs;
  }

  private static Set<Path> tasks() {
    Set<Path> found = new HashSet<>();
    if (Files.isDirectory(TASKS)) {
      try (DirectoryStream<Path> stream = Files.newDirectoryStream(TASKS)) {
        stream.forEach(found::add);
      } catch (IOException | DirectoryIteratorException e) {
        return new HashSet<>();
      }
    }
    return found;
  }

  private static String name(Path task) {
    List<String> lines = lines(task.resolve("comm"));
    return lines.isEmpty() ? "" : lines.getFirst();
  }

  /** Empty when the thread is gone. */
  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }
}
