package io.millrace.transport.rtmp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
  private static final int PACKET = HandshakeDigest.PACKET_BYTES;

  @Test
  void simpleClientGetsItsPacketEchoed() {
    byte[] c1 = random(1);
    Arrays.fill(c1, 4, 8, (byte) 0);
    byte[] reply = reply(c1);
    assertThat(reply).hasSize(1 + 2 * PACKET);
    assertThat(reply[0]).isEqualTo((byte) 3);
    assertThat(Arrays.copyOfRange(reply, 5, 9)).containsOnly(0);
    assertThat(Arrays.copyOfRange(reply, 1 + PACKET, reply.length)).isEqualTo(c1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void digestIsAnsweredInTheSchemeThatAsks(int scheme) {
    byte[] c1 = random(scheme + 2);
    HandshakeDigest.sign(c1, scheme, HandshakeDigest.CLIENT_TEXT);
    byte[] reply = reply(c1);
    byte[] s1 = Arrays.copyOfRange(reply, 1, 1 + PACKET);
    byte[] s2 = Arrays.copyOfRange(reply, 1 + PACKET, reply.length);
    assertThat(HandshakeDigest.scheme(s1, HandshakeDigest.SERVER_TEXT)).hasValue(scheme);
    byte[] digest = HandshakeDigest.digestIn(c1, scheme);
    assertThat(HandshakeDigest.answers(s2, digest, HandshakeDigest.SERVER_KEY)).isTrue();
    assertThat(s1[4] | s1[5] | s1[6] | s1[7]).isNotZero();
  }

  @Test
  void wrongDigestIsAnsweredWithoutOne() {
    byte[] c1 = random(4);
    HandshakeDigest.sign(c1, 1, HandshakeDigest.CLIENT_TEXT);
    c1[1535] ^= 1;
    assertThat(Arrays.copyOfRange(reply(c1), 1 + PACKET, 1 + 2 * PACKET)).isEqualTo(c1);
  }

  /** Offsets wrap at 728 whatever the four bytes say, so the digest never leaves the packet. */
  @Test
  void everyOffsetStaysInsideThePacket() {
    for (int sum = 0; sum <= 4 * 255; sum++) {
      byte[] c1 = random(sum);
      for (int field : new int[] {8, 772}) {
        int left = sum;
        for (int i = 0; i < 4; i++) {
          c1[field + i] = (byte) Math.min(255, left);
          left -= Math.min(255, left);
        }
      }
      for (int scheme = 0; scheme < 2; scheme++) {
        byte[] signed = c1.clone();
        HandshakeDigest.sign(signed, scheme, HandshakeDigest.CLIENT_TEXT);
        assertThat(HandshakeDigest.digestIn(signed, scheme)).hasSize(32);
      }
    }
  }

  /** FFmpeg and VLC send a digest: ours has to find it, as theirs then checks ours. */
  @ParameterizedTest
  @CsvSource({
    "ffmpeg51, true",
    "ffmpeg8, true",
    "vlc3, true",
    "obs29, false",
    "gst122_librtmp, false"
  })
  void recordedClientsAreUnderstood(String name, boolean digest) throws IOException {
    try (InputStream in =
        HandshakeTest.class.getResourceAsStream("/rtmp/corpus/" + name + ".c2s")) {
      assertThat(in.read()).isEqualTo(3);
      byte[] c1 = in.readNBytes(PACKET);
      assertThat(HandshakeDigest.scheme(c1, HandshakeDigest.CLIENT_TEXT).isPresent())
          .isEqualTo(digest);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 1536, 1537, 4096})
  void bothSidesMeetHoweverTheBytesAreSplit(int split) {
    ServerHandshake server = new ServerHandshake();
    ClientHandshake client = new ClientHandshake();
    ByteBuf toServer = Unpooled.buffer().writeBytes(client.begin());
    ByteBuf toClient = Unpooled.buffer();
    for (int i = 0; i < 20_000 && !(server.isDone() && client.isDone()); i++) {
      if (toServer.isReadable()) {
        toClient.writeBytes(
            server.read(toServer.readSlice(Math.min(split, toServer.readableBytes()))));
      }
      if (toClient.isReadable()) {
        toServer.writeBytes(
            client.read(toClient.readSlice(Math.min(split, toClient.readableBytes()))));
      }
    }
    assertThat(server.isDone()).isTrue();
    assertThat(client.isDone()).isTrue();
    assertThat(toServer.isReadable()).isFalse();
    assertThat(toClient.isReadable()).isFalse();
  }

  @Test
  void whatFollowsTheHandshakeIsLeftAlone() {
    ServerHandshake server = new ServerHandshake();
    ByteBuf in = Unpooled.buffer().writeByte(3).writeZero(2 * PACKET).writeByte(0x42);
    server.read(in).release();
    assertThat(server.isDone()).isTrue();
    assertThat(in.readableBytes()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"22, TLS", "71, HTTP", "6, RTMPE", "0, version 0", "255, version 255"})
  void otherProtocolsAreNamed(int first, String named) {
    ByteBuf in = Unpooled.buffer().writeByte(first);
    assertThatThrownBy(() -> new ServerHandshake().read(in))
        .isInstanceOf(RtmpProtocolException.class)
        .hasMessageContaining(named);
  }

  private static byte[] reply(byte[] c1) {
    ServerHandshake server = new ServerHandshake();
    ByteBuf in = Unpooled.buffer().writeByte(3).writeBytes(c1);
    byte[] reply = ByteBufUtil.getBytes(server.read(in));
    assertThat(server.isDone()).isFalse();
    return reply;
  }

  private static byte[] random(int seed) {
    byte[] packet = new byte[PACKET];
    new Random(seed).nextBytes(packet);
    return packet;
  }
}
