package io.millrace.transport.rtmp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The client's side of the handshake, which {@link ServerHandshake} draws. Offers a digest, and
 * answers with one when the server's S1 has one. Confined to one thread.
 */
public final class ClientHandshake {
  private static final int VERSION = 3;

  /** Of the Flash Player that FFmpeg and librtmp take after. */
  private static final int CLIENT_VERSION = 0x09_00_7C_02;

  private static final int SCHEME = 1;

  private final byte[] s1 = new byte[HandshakeDigest.PACKET_BYTES];
  private int received;
  private boolean done;

  /** C0 and C1, for the caller to send and release. */
  public ByteBuf begin() {
    byte[] c1 = new byte[HandshakeDigest.PACKET_BYTES];
    ThreadLocalRandom.current().nextBytes(c1);
    ServerHandshake.putInt(c1, 0, 0);
    ServerHandshake.putInt(c1, 4, CLIENT_VERSION);
    HandshakeDigest.sign(c1, SCHEME, HandshakeDigest.CLIENT_TEXT);
    return Unpooled.buffer(1 + c1.length).writeByte(VERSION).writeBytes(c1);
  }

  /**
   * Takes what it needs of {@code in}, which it borrows.
   *
   * @return C2 for the caller to send and release when S1 is complete, else an empty buffer
   * @throws RtmpProtocolException when the peer does not speak RTMP
   */
  public ByteBuf read(ByteBuf in) {
    ByteBuf reply = Unpooled.EMPTY_BUFFER;
    if (received == 0 && in.isReadable()) {
      int version = in.readUnsignedByte();
      if (version != VERSION) {
        throw new RtmpProtocolException("server's RTMP version " + version);
      }
      received = 1;
    }
    int s1End = 1 + s1.length;
    if (received >= 1 && received < s1End) {
      int bytes = Math.min(in.readableBytes(), s1End - received);
      in.readBytes(s1, received - 1, bytes);
      received += bytes;
      if (received == s1End) {
        reply = reply();
      }
    }
    if (received >= s1End && !done) {
      int bytes = Math.min(in.readableBytes(), s1End + s1.length - received);
      in.skipBytes(bytes);
      received += bytes;
      done = received == s1End + s1.length;
    }
    return reply;
  }

  /** Whether the chunk stream begins with the next byte. */
  public boolean isDone() {
    return done;
  }

  private ByteBuf reply() {
    OptionalInt scheme = HandshakeDigest.scheme(s1, HandshakeDigest.SERVER_TEXT);
    if (scheme.isEmpty()) {
      return Unpooled.wrappedBuffer(s1);
    }
    byte[] c2 = new byte[HandshakeDigest.PACKET_BYTES];
    ThreadLocalRandom.current().nextBytes(c2);
    byte[] asked = HandshakeDigest.digestIn(s1, scheme.getAsInt());
    HandshakeDigest.answer(c2, asked, HandshakeDigest.CLIENT_KEY);
    return Unpooled.wrappedBuffer(c2);
  }
}
