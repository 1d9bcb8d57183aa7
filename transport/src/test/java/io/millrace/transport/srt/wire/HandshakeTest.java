package io.millrace.transport.srt.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.transport.srt.wire.HandshakeExtension.Capabilities;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeTest {
  private static final byte[] KEYS = new byte[56];

  private static Handshake conclusion(List<HandshakeExtension> extensions) {
    return new Handshake(
        Handshake.VERSION_5,
        2,
        Handshake.flagsFor(extensions),
        0x7FFF_FFFF,
        1500,
        8192,
        Handshake.CONCLUSION,
        0x1234,
        0xCAFEBABE,
        Handshake.PeerAddress.of(InetAddress.getLoopbackAddress()),
        extensions);
  }

  private static List<HandshakeExtension> extensions() {
    return List.of(
        new Capabilities(ExtensionType.HANDSHAKE_REQUEST, 0x010501, 0xBF, 120, 250),
        new HandshakeExtension.Text(ExtensionType.STREAM_ID, "#!::r=live/ä,m=publish"),
        new HandshakeExtension.Keys(ExtensionType.KEY_REQUEST, KEYS),
        new HandshakeExtension.Other(ExtensionType.GROUP, 2));
  }

  @Test
  void roundTrip() throws Exception {
    ByteBuf packet = Unpooled.buffer();
    Handshake written = conclusion(extensions());
    written.write(packet, 77, 88);
    assertThat(SrtPacket.type(packet)).isEqualTo(ControlType.HANDSHAKE);
    assertThat(SrtPacket.timestampUs(packet)).isEqualTo(77);
    assertThat(SrtPacket.destination(packet)).isEqualTo(88);
    assertThat(Handshake.type(packet)).isEqualTo(Handshake.CONCLUSION);
    assertThat(Handshake.cookie(packet)).isEqualTo(0xCAFEBABE);
    Handshake read = Handshake.parse(packet);
    assertThat(read.withExtensions(List.of())).isEqualTo(written.withExtensions(List.of()));
    assertThat(read.extension()).isEqualTo(7);
    assertThat(read.extensions().get(0)).isEqualTo(written.extensions().get(0));
    assertThat(read.extensions().get(1)).isEqualTo(written.extensions().get(1));
    assertThat(((HandshakeExtension.Keys) read.extensions().get(2)).body()).isEqualTo(KEYS);
    assertThat(read.extensions().get(3)).isEqualTo(written.extensions().get(3));
  }

  @Test
  void textIsInTurnedWords() {
    ByteBuf out = Unpooled.buffer();
    new HandshakeExtension.Text(ExtensionType.STREAM_ID, "STREAM").write(out);
    assertThat(ByteBufUtil.hexDump(out)).isEqualTo("00050002" + "45525453" + "00004d41");
  }

  /** Each handshake of libsrt's, parsed and written again, is the same bytes. */
  @ParameterizedTest
  @ValueSource(strings = {"aes128.srt", "aes192.srt", "aes256.srt"})
  void libsrtsHandshakesSurvive(String name) throws Exception {
    assertThat(reparse(Capture.resource(name))).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"srt_plain.pcap", "srt_aes128.pcap", "srt_aes256.pcap"})
  void corpusHandshakesSurvive(String name) throws Exception {
    Capture capture = Capture.corpus(name);
    assumeTrue(capture != null, "the shared corpus is not here");
    assertThat(reparse(capture)).isEqualTo(4);
  }

  private static int reparse(Capture capture) throws HandshakeException {
    int handshakes = 0;
    for (ByteBuf packet : capture.packets()) {
      if (SrtPacket.isControl(packet) && SrtPacket.type(packet) == ControlType.HANDSHAKE) {
        ByteBuf again = Unpooled.buffer();
        Handshake.parse(packet)
            .write(again, (int) SrtPacket.timestampUs(packet), SrtPacket.destination(packet));
        assertThat(ByteBufUtil.hexDump(again)).isEqualTo(ByteBufUtil.hexDump(packet));
        handshakes++;
      }
    }
    return handshakes;
  }

  @Test
  void refusalsKeepWhatTheCallerSaid() {
    Handshake refused = conclusion(extensions()).rejected(RejectCode.UNAUTHORIZED);
    assertThat(refused.type()).isEqualTo(2401);
    assertThat(refused.extensions()).isEmpty();
    assertThat(refused.socketId()).isEqualTo(0x1234);
  }

  private static ByteBuf withBlock(int type, int words, byte[] content) {
    ByteBuf packet = Unpooled.buffer();
    conclusion(List.of()).write(packet, 0, 0);
    return packet.writeShort(type).writeShort(words).writeBytes(content);
  }

  @Test
  void malformedExtensionsAreRefused() {
    assertRogue(withBlock(ExtensionType.STREAM_ID, 3, new byte[8]), "cut off");
    assertRogue(withBlock(ExtensionType.STREAM_ID, 0xFFFF, new byte[8]), "cut off");
    assertRogue(withBlock(ExtensionType.HANDSHAKE_REQUEST, 2, new byte[8]), "too short");
    assertRogue(withBlock(ExtensionType.KEY_REQUEST, 0, new byte[0]), "impossible");
    assertRogue(withBlock(ExtensionType.KEY_REQUEST, 27, new byte[108]), "impossible");
    assertRogue(withBlock(ExtensionType.STREAM_ID, 129, new byte[516]), "too long");
    ByteBuf many = withBlock(99, 0, new byte[0]);
    for (int i = 0; i < HandshakeExtension.MAX_BLOCKS; i++) {
      many.writeShort(99 + i).writeShort(0);
    }
    assertRogue(many, "too many");
    ByteBuf twice = withBlock(ExtensionType.STREAM_ID, 0, new byte[0]);
    assertRogue(twice.writeShort(ExtensionType.STREAM_ID).writeShort(0), "repeated");
  }

  private static void assertRogue(ByteBuf packet, String why) {
    assertThatThrownBy(() -> Handshake.parse(packet))
        .isInstanceOfSatisfying(
            HandshakeException.class, e -> assertThat(e.rejectCode()).isEqualTo(RejectCode.ROGUE))
        .hasMessageContaining(why);
  }

  @Test
  @DisplayName("CVE-2019-15784: extensions, as many and as long as a datagram holds, are bounded")
  void whateverIsInTheExtensionsIsBounded() {
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      ByteBuf packet = Unpooled.buffer();
      conclusion(random.nextBoolean() ? extensions() : List.of()).write(packet, 0, 0);
      for (int i = random.nextInt(4); i > 0; i--) {
        packet.writeShort(random.nextInt(12)).writeShort(random.nextInt(40));
        packet.writeZero(random.nextInt(200));
      }
      for (int i = random.nextInt(8); i > 0; i--) {
        packet.setByte(
            Handshake.PACKET_BYTES
                + random.nextInt(packet.writerIndex() - Handshake.PACKET_BYTES + 1),
            random.nextInt());
      }
      packet.writerIndex(
          Handshake.PACKET_BYTES
              + random.nextInt(packet.writerIndex() - Handshake.PACKET_BYTES + 1));
      try {
        Handshake.parse(packet)
            .extensions()
            .forEach(
                each -> {
                  if (each instanceof HandshakeExtension.Keys keys) {
                    assertThat(keys.body().length).isLessThanOrEqualTo(KeyMaterial.MAX_BYTES);
                    parseKeys(keys.body());
                  }
                });
      } catch (HandshakeException e) {
        assertThat(e.rejectCode()).isEqualTo(RejectCode.ROGUE);
      }
    }
  }

  private static void parseKeys(byte[] body) {
    try {
      assertThat(KeyMaterial.parse(body).toBytes()).hasSameSizeAs(body);
    } catch (HandshakeException e) {
      assertThat(e.rejectCode()).isIn(RejectCode.ROGUE, RejectCode.CRYPTO);
    }
  }
}
