package io.millrace.loadtest.srt;

import io.millrace.loadtest.process.ManagedProcess;
import io.millrace.loadtest.srt.SrtReceiver.SessionLine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** {@link SrtReceiver} in a JVM of its own, with the flags that Millrace itself is started with. */
final class ReceiverProcess implements AutoCloseable {
  /** As in the launcher, {@code ./millrace}. */
  private static final List<String> JVM_FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseG1GC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:+UseStringDeduplication");

  private static final Duration START_LIMIT = Duration.ofSeconds(30);
  private static final long POLL_MS = 50;
  private static final String LISTENING = "listening ";

  private final ManagedProcess process;
  private final Path log;
  private final InetSocketAddress address;

  private ReceiverProcess(ManagedProcess process, Path log, InetSocketAddress address) {
    this.process = process;
    this.log = log;
    this.address = address;
  }

  /**
   * Starts one and waits until it listens.
   *
   * @param flags besides those of the launcher, may be none
   */
  static ReceiverProcess start(Path directory, int threads, List<String> flags)
      throws IOException, InterruptedException {
    return start(directory, threads, flags, List.of(), InetAddress.getLoopbackAddress());
  }

  /**
   * Starts one elsewhere, such as in a network namespace.
   *
   * @param prefix words of a command that runs another, may be none
   * @param bind where it listens
   */
  static ReceiverProcess start(
      Path directory, int threads, List<String> flags, List<String> prefix, InetAddress bind)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(JVM_FLAGS);
    command.addAll(flags);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(SrtReceiver.class.getName(), Integer.toString(threads), bind.getHostAddress()));
    Path log = directory.resolve("millrace-receiver.log");
    ManagedProcess process = ManagedProcess.start(command, directory, log);
    try {
      return new ReceiverProcess(
          process, log, new InetSocketAddress(bind, awaitPort(process, log)));
    } catch (IOException | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  /** The flags, in one line. */
  static String describeFlags() {
    return String.join(" ", JVM_FLAGS.subList(2, JVM_FLAGS.size()));
  }

  private static int awaitPort(ManagedProcess process, Path log)
      throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + START_LIMIT.toNanos();
    while (System.nanoTime() - deadlineNs < 0 && !process.await(POLL_MS, TimeUnit.MILLISECONDS)) {
      for (String line : Files.readAllLines(log)) {
        if (line.startsWith(LISTENING)) {
          return Integer.parseInt(line.substring(LISTENING.length()).strip());
        }
      }
    }
    throw new IOException("the receiver does not listen: " + process.tail());
  }

  InetSocketAddress address() {
    return address;
  }

  long pid() {
    return process.pid();
  }

  /** The end of what it wrote. */
  String tail() {
    return process.tail();
  }

  /** The sessions that have ended. */
  List<SessionLine> ended() throws IOException {
    return Files.readAllLines(log).stream()
        .map(SessionLine::parse)
        .filter(Objects::nonNull)
        .toList();
  }

  @Override
  public void close() {
    process.close();
  }
}
