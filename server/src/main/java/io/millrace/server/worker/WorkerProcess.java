package io.millrace.server.worker;

import io.millrace.codec.worker.Wire;
import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker as a process. It connects to a socket that is there for it alone, in a directory that
 * only the server's user may enter, and shows a token that it was given through its standard input;
 * the socket's file is gone as soon as it has connected. Its standard input stays open as long as
 * the server lives: the end of either ends it. Of the server's environment it gets what programs
 * need to start, and nothing else.
 */
final class WorkerProcess implements Worker {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
  private static final AtomicLong NUMBER = new AtomicLong();
  private static final SecureRandom RANDOM = new SecureRandom();

  private static final Set<String> ENVIRONMENT =
      Set.of("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "LD_LIBRARY_PATH");

  private final byte[] token = new byte[Wire.TOKEN_BYTES];
  private final Path socket;
  private final ServerSocketChannel listener;
  private final Process process;
  private final @Nullable Cgroup group;
  private final LogRelay log;
  private volatile Usage last = Usage.NONE;

  /**
   * @param directory for the socket, of the server's user alone
   */
  static Worker launch(WorkerSettings settings, Path directory, Path crashFile) throws IOException {
    Path socket = directory.resolve("w" + NUMBER.incrementAndGet());
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      listener.bind(UnixDomainSocketAddress.of(socket), 1);
      List<String> command = WorkerCommand.run(settings.nice(), crashFile, socket);
      return new WorkerProcess(settings, socket, listener, command);
    } catch (IOException | RuntimeException e) {
      listener.close();
      Files.deleteIfExists(socket);
      throw e;
    }
  }

  private WorkerProcess(
      WorkerSettings settings, Path socket, ServerSocketChannel listener, List<String> command)
      throws IOException {
    this.socket = socket;
    this.listener = listener;
    RANDOM.nextBytes(token);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Map<String, String> environment = builder.environment();
    environment.keySet().retainAll(ENVIRONMENT);
    this.process = builder.start();
    ProcFiles.preferAsVictim(process.pid());
    Path parent = settings.cgroup();
    this.group =
        parent == null ? null : Cgroup.enter(parent, process.pid(), settings.maxRssBytes());
    this.log = new LogRelay(process.pid(), process.getErrorStream());
    Thread.ofPlatform().name("worker log " + process.pid()).daemon().start(log);
    var unused = process.onExit().thenRun(this::stopListening);
    tell();
  }

  private void tell() {
    try {
      OutputStream input = process.getOutputStream();
      String line = HexFormat.of().formatHex(token) + "\n";
      input.write(line.getBytes(StandardCharsets.US_ASCII));
      input.flush();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("worker has ended at once"); // which its exit tells
    }
  }

  @Override
  public void serve(String streamName) {
    log.serve(streamName);
  }

  @Override
  public SocketChannel connect() throws IOException {
    try {
      return listener.accept();
    } catch (IOException e) {
      throw new IOException("it has not connected", e);
    } finally {
      stopListening();
    }
  }

  private void stopListening() {
    try {
      listener.close();
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("socket of a worker is left");
    }
  }

  @Override
  public byte[] token() {
    return token.clone();
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void kill() {
    process.destroyForcibly();
  }

  @Override
  public Usage usage() {
    Usage now = process.isAlive() ? ProcFiles.usage(process.toHandle()) : null;
    if (now != null) {
      last = now;
    }
    return last;
  }

  @Override
  public OptionalInt awaitEnd(Duration limit) {
    try {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
          ? OptionalInt.of(process.exitValue())
          : OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.empty();
    }
  }

  @Override
  public boolean ranOutOfMemory() {
    return group != null && group.ranOutOfMemory();
  }

  @Override
  public void close() {
    kill();
    stopListening();
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      LOG.atDebug().setCause(e).log("standard input of a worker");
    }
    if (group != null) {
      group.close();
    }
  }
}
