package io.millrace.loadtest.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/**
 * Between one TLS client and a server: what the client sends goes on as it is and is noted; what
 * the server sends is held until there is so much of it, and goes on then. A client cannot finish
 * its handshake before it has the server's part of it, so whatever the server has sent until then,
 * it has sent before the client's Finished.
 */
final class HoldingRelay implements AutoCloseable {
  private final ServerSocket front;
  private final int serverPort;
  private final int holdBytes;
  private final ByteArrayOutputStream fromClient = new ByteArrayOutputStream();
  private final ByteArrayOutputStream held = new ByteArrayOutputStream();
  private byte[] firstFlight = new byte[0];
  private boolean released;

  private HoldingRelay(ServerSocket front, int serverPort, int holdBytes) {
    this.front = front;
    this.serverPort = serverPort;
    this.holdBytes = holdBytes;
  }

  /** Waits for one client. */
  static HoldingRelay before(int serverPort, int holdBytes) {
    try {
      ServerSocket front = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      HoldingRelay relay = new HoldingRelay(front, serverPort, holdBytes);
      Thread.ofVirtual().start(relay::serve);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return front.getLocalPort();
  }

  /** What the client had sent when the server's bytes were let go on: its first flight. */
  byte[] awaitRelease(Duration limit) {
    return Await.value(
        "the server has sent " + holdBytes + " bytes before the client's Finished",
        limit,
        this::whenReleased);
  }

  private synchronized Optional<byte[]> whenReleased() {
    return released ? Optional.of(firstFlight.clone()) : Optional.empty();
  }

  /** Everything that the client has sent. */
  synchronized byte[] fromClient() {
    return fromClient.toByteArray();
  }

  private void serve() {
    try (Socket client = front.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      Thread up = Thread.ofVirtual().start(() -> up(client, server));
      InputStream in = server.getInputStream();
      byte[] buffer = new byte[16 * 1024];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        byte[] next = next(buffer, n);
        client.getOutputStream().write(next);
      }
      client.shutdownOutput();
      up.join();
    } catch (IOException e) {
      // One of them has closed: as a network, it says nothing.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void up(Socket client, Socket server) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = client.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        synchronized (this) {
          fromClient.write(buffer, 0, n);
        }
        server.getOutputStream().write(buffer, 0, n);
      }
      server.shutdownOutput();
    } catch (IOException e) {
      // As above.
    }
  }

  private synchronized byte[] next(byte[] buffer, int bytes) {
    held.write(buffer, 0, bytes);
    if (!released && held.size() < holdBytes) {
      return new byte[0];
    }
    if (!released) {
      released = true;
      firstFlight = fromClient.toByteArray();
    }
    byte[] next = held.toByteArray();
    held.reset();
    return next;
  }

  @Override
  public void close() {
    try {
      front.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
