package io.millrace.loadtest.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Between one SRT caller and a listener: hands on every datagram as it is, and notes the refusals
 * that the caller receives, as they are on the wire (draft-sharabayko-srt-01 §3.2.1).
 */
final class SrtTap implements AutoCloseable {
  private static final int HANDSHAKE = 0x8000_0000;
  private static final int TYPE_OFFSET = 36;
  private static final int REFUSALS = 1000;
  private static final int DATAGRAM_BYTES = 2048;

  private final URI listener;
  private final DatagramSocket front;
  private final DatagramSocket back;
  private final List<Integer> refusals = new CopyOnWriteArrayList<>();
  private volatile @Nullable SocketAddress caller;

  private SrtTap(URI listener) throws IOException {
    this.listener = listener;
    this.front = new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    this.back = new DatagramSocket();
    back.connect(new InetSocketAddress(listener.getHost(), listener.getPort()));
    Thread.ofVirtual().start(() -> handOn(front));
    Thread.ofVirtual().start(() -> handOn(back));
  }

  static SrtTap before(URI listener) {
    try {
      return new SrtTap(listener);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The listener's address with the tap in its place. */
  URI address() {
    String real = ":" + listener.getPort() + "?";
    return URI.create(listener.toString().replace(real, ":" + front.getLocalPort() + "?"));
  }

  /** The codes that the caller was refused with, in their order. */
  List<Integer> refusals() {
    return List.copyOf(refusals);
  }

  private void handOn(DatagramSocket from) {
    DatagramPacket packet = new DatagramPacket(new byte[DATAGRAM_BYTES], DATAGRAM_BYTES);
    while (!from.isClosed()) {
      try {
        packet.setLength(DATAGRAM_BYTES);
        from.receive(packet);
        SocketAddress to = caller;
        if (from == front) {
          caller = packet.getSocketAddress();
          packet.setSocketAddress(back.getRemoteSocketAddress());
          back.send(packet);
        } else if (to != null) {
          note(ByteBuffer.wrap(packet.getData(), 0, packet.getLength()));
          packet.setSocketAddress(to);
          front.send(packet);
        }
      } catch (IOException e) {
        // closed, or nobody is there: as a network, it says nothing
      }
    }
  }

  private void note(ByteBuffer packet) {
    if (packet.limit() >= TYPE_OFFSET + Integer.BYTES && packet.getInt(0) == HANDSHAKE) {
      int type = packet.getInt(TYPE_OFFSET);
      if (type >= REFUSALS) {
        refusals.add(type - REFUSALS);
      }
    }
  }

  @Override
  public void close() {
    front.close();
    back.close();
  }
}
