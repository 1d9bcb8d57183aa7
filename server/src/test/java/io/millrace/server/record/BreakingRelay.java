package io.millrace.server.record;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;

/** A way to a server on which the first connections break after some bytes. */
final class BreakingRelay implements AutoCloseable {
  private final ServerSocket listener;
  private final int port;
  private final int breakAfterBytes;
  private final AtomicInteger breaksLeft;

  /**
   * @param breaks connections that break once they have carried {@code breakAfterBytes}
   */
  BreakingRelay(int port, int breaks, int breakAfterBytes) throws IOException {
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    this.port = port;
    this.breakAfterBytes = breakAfterBytes;
    this.breaksLeft = new AtomicInteger(breaks);
    Thread.ofVirtual().start(this::accept);
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  int breaksLeft() {
    return breaksLeft.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
        Thread.ofVirtual().start(() -> copy(client, server, true));
        Thread.ofVirtual().start(() -> copy(server, client, false));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void copy(Socket from, Socket to, boolean breaks) {
    byte[] buffer = new byte[16 << 10];
    long carried = 0;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        carried += n;
        if (breaks && carried > breakAfterBytes && breaksLeft.getAndDecrement() > 0) {
          from.setSoLinger(true, 0); // a reset, not a goodbye
          return;
        }
        out.write(buffer, 0, n);
      }
    } catch (IOException e) {
      // one of them has gone
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
