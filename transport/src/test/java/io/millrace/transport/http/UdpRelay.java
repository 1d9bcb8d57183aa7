package io.millrace.transport.http;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Passes datagrams between one client and a server; can hold back what the server says, lose what
 * is larger than a path takes, and go on from another port as a client does whose network has
 * changed.
 */
public final class UdpRelay implements AutoCloseable {
  private static final long BETWEEN_NS = TimeUnit.MILLISECONDS.toNanos(1);

  public final InetSocketAddress address;
  private final SocketAddress server;
  private final DatagramSocket inner;
  private final List<byte[]> held = new ArrayList<>();
  private final List<DatagramSocket> former = new CopyOnWriteArrayList<>();
  private volatile DatagramSocket outer;
  private volatile @Nullable SocketAddress client;
  private boolean holding;
  private int heldFromFormer;
  private int pathBytes = Integer.MAX_VALUE;
  private int largest;

  public UdpRelay(InetSocketAddress server) throws IOException {
    this.server = server;
    this.inner = open();
    this.outer = open();
    this.address = (InetSocketAddress) inner.getLocalSocketAddress();
    Thread.ofVirtual().start(this::toServer);
    DatagramSocket first = outer;
    Thread.ofVirtual().start(() -> toClient(first));
  }

  private static DatagramSocket open() throws IOException {
    return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  /**
   * Talks to the server from another port from here on. What the server still sends to the former
   * one is delivered: who only listens would never let it know that there is another.
   */
  public void move() throws IOException {
    DatagramSocket next = open();
    former.add(outer);
    outer = next;
    Thread.ofVirtual().start(() -> toClient(next));
  }

  /** Loses what the server says in datagrams of more than {@code bytes}. */
  public synchronized void narrow(int bytes) {
    pathBytes = bytes;
  }

  /** Bytes of the largest datagram that the server has sent, lost or not. */
  public synchronized int largest() {
    return largest;
  }

  /** Keeps what the server says. */
  public synchronized void hold() {
    holding = true;
  }

  /**
   * How many datagrams are held.
   *
   * @param latest those that came to where the client is; else to where it was before
   */
  public synchronized int held(boolean latest) {
    return latest ? held.size() - heldFromFormer : heldFromFormer;
  }

  /** Waits for one more to where the client was before, or until time is up. */
  public synchronized void awaitFormer(Duration limit) throws InterruptedException {
    int before = heldFromFormer;
    long deadlineNs = System.nanoTime() + limit.toNanos();
    for (long leftNs = limit.toNanos();
        heldFromFormer == before && leftNs > 0;
        leftNs = deadlineNs - System.nanoTime()) {
      TimeUnit.NANOSECONDS.timedWait(this, leftNs);
    }
  }

  /** Lets it go, and what comes; slowly enough that the client's socket holds it all. */
  public synchronized void release() throws IOException {
    holding = false;
    for (byte[] bytes : held) {
      deliver(bytes);
      LockSupport.parkNanos(BETWEEN_NS);
    }
    held.clear();
    heldFromFormer = 0;
  }

  private void toServer() {
    byte[] bytes = new byte[2048];
    while (!inner.isClosed()) {
      DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
      try {
        inner.receive(packet);
        client = packet.getSocketAddress();
        outer.send(new DatagramPacket(bytes, packet.getLength(), server));
      } catch (IOException e) {
        // Closed, or moved just now: a lost datagram is sent again.
      }
    }
  }

  private void toClient(DatagramSocket from) {
    byte[] bytes = new byte[2048];
    while (!from.isClosed()) {
      DatagramPacket packet = new DatagramPacket(bytes, bytes.length);
      try {
        from.receive(packet);
        pass(Arrays.copyOf(bytes, packet.getLength()), from != outer);
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private synchronized void pass(byte[] bytes, boolean former) throws IOException {
    largest = Math.max(largest, bytes.length);
    if (bytes.length > pathBytes) {
      return;
    }
    if (holding) {
      held.add(bytes);
      heldFromFormer += former ? 1 : 0;
      notifyAll();
    } else {
      deliver(bytes);
    }
  }

  private void deliver(byte[] bytes) throws IOException {
    inner.send(new DatagramPacket(bytes, bytes.length, client));
  }

  @Override
  public void close() {
    inner.close();
    outer.close();
    former.forEach(DatagramSocket::close);
  }
}
