package io.millrace.loadtest.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The way to a server, which a test can cut. Connections go through it until then. */
final class CutRelay implements AutoCloseable {
  /** How the way is. */
  enum Way {
    OPEN,
    /** Nothing arrives, and nobody is told: as when a cable is pulled. */
    SILENT,
    /** Connections are reset, and refused: as when a host goes down in order. */
    REFUSED
  }

  private final ServerSocket front;
  private final int serverPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private Way way = Way.OPEN;

  private CutRelay(ServerSocket front, int serverPort) {
    this.front = front;
    this.serverPort = serverPort;
  }

  static CutRelay before(int serverPort) {
    try {
      ServerSocket front = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
      CutRelay relay = new CutRelay(front, serverPort);
      Thread.ofVirtual().start(relay::accept);
      return relay;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  int port() {
    return front.getLocalPort();
  }

  synchronized void become(Way next) {
    way = next;
    notifyAll();
    if (next == Way.REFUSED) {
      sockets.forEach(CutRelay::reset);
      sockets.clear();
    }
  }

  private synchronized boolean isRefused() {
    return way == Way.REFUSED;
  }

  /** Waits while nothing goes through. */
  private synchronized void awaitWay() throws InterruptedException {
    while (way == Way.SILENT) {
      wait();
    }
  }

  private void accept() {
    while (true) {
      try {
        Socket client = front.accept();
        if (isRefused()) {
          reset(client);
        } else {
          Thread.ofVirtual().start(() -> serve(client));
        }
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void serve(Socket client) {
    try (client;
        Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort)) {
      sockets.add(client);
      sockets.add(server);
      Thread up = Thread.ofVirtual().start(() -> pump(client, server));
      pump(server, client);
      up.join();
      sockets.remove(client);
      sockets.remove(server);
    } catch (IOException e) {
      reset(client); // the server is not there
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] buffer = new byte[16 * 1024];
    try {
      InputStream in = from.getInputStream();
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        awaitWay();
        to.getOutputStream().write(buffer, 0, n);
      }
      awaitWay();
      to.shutdownOutput();
    } catch (IOException e) {
      reset(to); // one of them has closed: as a network, it says nothing
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // Closed already.
    }
  }

  @Override
  public void close() {
    become(Way.REFUSED);
    try {
      front.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
