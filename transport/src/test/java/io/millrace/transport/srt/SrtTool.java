package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A program that speaks SRT, running. One that is absent skips the test, and fails it in CI. */
final class SrtTool implements AutoCloseable {
  static final int MESSAGE_BYTES = 1316;

  private final Process process;
  private final Path log;

  private SrtTool(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static void require(String tool) {
    boolean there =
        Arrays.stream(System.getenv("PATH").split(":"))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    if (!there && "true".equals(System.getenv("CI"))) {
      fail(tool + " is not installed");
    }
    assumeTrue(there, tool + " is not installed");
  }

  /** Starts {@code srt-live-transmit from to}. */
  static SrtTool transmit(Path directory, String from, String to, String... more)
      throws IOException {
    require("srt-live-transmit");
    List<String> command = new ArrayList<>(List.of("srt-live-transmit"));
    command.addAll(List.of(more));
    command.addAll(
        List.of("-chunk:" + MESSAGE_BYTES, "-autoreconnect:no", "-loglevel:note", from, to));
    return start(directory, command);
  }

  static SrtTool start(Path directory, List<String> command) throws IOException {
    require(command.getFirst());
    Path log = Files.createTempFile(directory, command.getFirst(), ".log");
    Process process =
        new ProcessBuilder(command)
            .redirectError(log.toFile())
            .redirectOutput(
                command.getLast().equals("file://con")
                    ? ProcessBuilder.Redirect.PIPE
                    : ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new SrtTool(process, log);
  }

  /** Bytes that tell where they are from. */
  static byte[] media(int messages) {
    byte[] media = new byte[messages * MESSAGE_BYTES];
    new Random(messages).nextBytes(media);
    for (int i = 0; i < media.length; i += 188) {
      media[i] = 0x47;
    }
    return media;
  }

  /** Feeds whole messages at a steady rate, as a live source does. */
  void feed(byte[] media, int messagesPerSecond) throws IOException {
    OutputStream in = process.getOutputStream();
    long startNs = System.nanoTime();
    for (int i = 0; i * MESSAGE_BYTES < media.length; i++) {
      long dueNs = startNs + i * 1_000_000_000L / messagesPerSecond;
      while (System.nanoTime() < dueNs) {
        LockSupport.parkNanos(dueNs - System.nanoTime());
      }
      in.write(media, i * MESSAGE_BYTES, MESSAGE_BYTES);
      in.flush();
    }
  }

  void closeInput() throws IOException {
    process.getOutputStream().close();
  }

  /** What it writes until it ends. */
  byte[] readAll() {
    try {
      return process.getInputStream().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String awaitExit() throws Exception {
    if (!process.waitFor(20, TimeUnit.SECONDS)) {
      throw new AssertionError("did not end: " + log());
    }
    return log();
  }

  String log() throws IOException {
    return Files.readString(log, StandardCharsets.UTF_8);
  }

  @Override
  public void close() throws Exception {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
