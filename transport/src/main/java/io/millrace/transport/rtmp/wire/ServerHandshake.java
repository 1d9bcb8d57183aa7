package io.millrace.transport.rtmp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The server's side of the handshake (Adobe RTMP 1.0 §5.2), with digests when the client's C1 has
 * one. Holds one packet of 1536 bytes at most. Confined to one thread.
 *
 * <pre>
 *  client  C0 C1 ─────────────► server      C0, S0: version 3
 *          ◄───────── S0 S1 S2              C1, S1: time:32 zero-or-version:32 random:1528
 *          C2 ────────────────►             C2, S2: echo of the other's packet, or its digest
 * </pre>
 *
 * <p>C2 is read and not looked at: it proves nothing, and some encoders send one that is wrong.
 */
public final class ServerHandshake {
  private static final int VERSION = 3;

  /** What other servers announce in S1 when they answer with a digest. */
  private static final int SERVER_VERSION = 0x04_05_00_01;

  private enum State {
    C0,
    C1,
    C2,
    DONE
  }

  private final byte[] c1 = new byte[HandshakeDigest.PACKET_BYTES];
  private State state = State.C0;
  private int received;

  /**
   * Takes what it needs of {@code in}, which it borrows.
   *
   * @return S0, S1 and S2 for the caller to send and release when C1 is complete, else an empty
   *     buffer
   * @throws RtmpProtocolException when the peer does not speak RTMP
   */
  public ByteBuf read(ByteBuf in) {
    ByteBuf reply = Unpooled.EMPTY_BUFFER;
    if (state == State.C0 && in.isReadable()) {
      checkVersion(in.readUnsignedByte());
      state = State.C1;
    }
    if (state == State.C1) {
      int bytes = Math.min(in.readableBytes(), c1.length - received);
      in.readBytes(c1, received, bytes);
      received += bytes;
      if (received == c1.length) {
        reply = reply();
        received = 0;
        state = State.C2;
      }
    }
    if (state == State.C2) {
      int bytes = Math.min(in.readableBytes(), HandshakeDigest.PACKET_BYTES - received);
      in.skipBytes(bytes);
      received += bytes;
      if (received == HandshakeDigest.PACKET_BYTES) {
        state = State.DONE;
      }
    }
    return reply;
  }

  /** Whether the chunk stream begins with the next byte. */
  public boolean isDone() {
    return state == State.DONE;
  }

  private static void checkVersion(int version) {
    switch (version) {
      case VERSION -> {}
      case 0x16 -> throw new RtmpProtocolException("TLS on the plain RTMP port");
      case 6, 8, 9 -> throw new RtmpProtocolException("RTMPE is not supported");
      case 'G', 'P', 'H', 'O' -> throw new RtmpProtocolException("HTTP on the RTMP port");
      default -> throw new RtmpProtocolException("RTMP version " + version);
    }
  }

  private ByteBuf reply() {
    byte[] s1 = new byte[HandshakeDigest.PACKET_BYTES];
    ThreadLocalRandom.current().nextBytes(s1);
    OptionalInt scheme = digestScheme();
    if (scheme.isEmpty()) {
      putInt(s1, 0, 0);
      putInt(s1, 4, 0);
      return packets(s1, c1);
    }
    putInt(s1, 0, 0);
    putInt(s1, 4, SERVER_VERSION);
    HandshakeDigest.sign(s1, scheme.getAsInt(), HandshakeDigest.SERVER_TEXT);
    byte[] s2 = new byte[HandshakeDigest.PACKET_BYTES];
    ThreadLocalRandom.current().nextBytes(s2);
    byte[] asked = HandshakeDigest.digestIn(c1, scheme.getAsInt());
    HandshakeDigest.answer(s2, asked, HandshakeDigest.SERVER_KEY);
    return packets(s1, s2);
  }

  /** A zero version field is the specification's own handshake, which has no digest. */
  private OptionalInt digestScheme() {
    boolean simple = (c1[4] | c1[5] | c1[6] | c1[7]) == 0;
    return simple ? OptionalInt.empty() : HandshakeDigest.scheme(c1, HandshakeDigest.CLIENT_TEXT);
  }

  private static ByteBuf packets(byte[] first, byte[] second) {
    return Unpooled.buffer(1 + first.length + second.length)
        .writeByte(VERSION)
        .writeBytes(first)
        .writeBytes(second);
  }

  static void putInt(byte[] packet, int offset, int value) {
    packet[offset] = (byte) (value >> 24);
    packet[offset + 1] = (byte) (value >> 16);
    packet[offset + 2] = (byte) (value >> 8);
    packet[offset + 3] = (byte) value;
  }
}
