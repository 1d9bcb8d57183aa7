package io.millrace.server.worker;

import io.millrace.codec.worker.Connection;
import io.millrace.codec.worker.Message;
import io.millrace.codec.worker.Wire;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A worker that is a thread of the test, and does what the test says. */
final class FakeWorker implements Worker {
  /** What it does once it has said hello and knows what it is for. */
  @FunctionalInterface
  interface Behaviour {
    void act(Connection server, Message.Open open) throws IOException;
  }

  private final long pid;
  private final byte[] shown;
  private final SocketChannel serverEnd;
  private final Connection connection;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile boolean killed;
  private volatile int exitCode;
  volatile long rssBytes = 1 << 20;

  /**
   * @param shown what it says is its token
   */
  FakeWorker(long pid, byte[] shown, Behaviour behaviour) throws IOException {
    this.pid = pid;
    this.shown = shown.clone();
    Path directory = Files.createTempDirectory("fake");
    Path path = directory.resolve("s");
    try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      listener.bind(UnixDomainSocketAddress.of(path));
      SocketChannel own = SocketChannel.open(StandardProtocolFamily.UNIX);
      own.connect(UnixDomainSocketAddress.of(path));
      this.connection = new Connection(own);
      this.serverEnd = listener.accept();
    } finally {
      Files.deleteIfExists(path);
      Files.delete(directory);
    }
    Thread.ofPlatform().daemon().name("fake worker " + pid).start(() -> live(behaviour));
  }

  private void live(Behaviour behaviour) {
    try {
      connection.send(new Message.Hello(Wire.VERSION, shown));
      if (connection.receive() instanceof Message.Open open) {
        behaviour.act(connection, open);
      }
    } catch (IOException e) {
      // Killed, or the server has gone.
    } finally {
      connection.close();
      ended.countDown();
    }
  }

  /** As if native code had crashed. */
  void crash(int code) {
    exitCode = code;
    connection.disconnect();
  }

  @Override
  public void serve(String streamName) {}

  @Override
  public SocketChannel connect() {
    return serverEnd;
  }

  @Override
  public byte[] token() {
    return new byte[Wire.TOKEN_BYTES];
  }

  @Override
  public long pid() {
    return pid;
  }

  @Override
  public void kill() {
    if (!killed) {
      killed = true;
      exitCode = exitCode == 0 ? 137 : exitCode;
      connection.disconnect();
    }
  }

  @Override
  public Usage usage() {
    return new Usage(1_000_000_000, rssBytes);
  }

  @Override
  public OptionalInt awaitEnd(Duration limit) {
    try {
      return ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)
          ? OptionalInt.of(exitCode)
          : OptionalInt.empty();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public boolean ranOutOfMemory() {
    return false;
  }

  @Override
  public void close() {
    kill();
  }
}
