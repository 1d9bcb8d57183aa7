package io.millrace.transport.srt.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: one SRT datagram, taken apart as an endpoint does: whatever it is, every field that
 * a packet of its type has is asked for. What can be written again is the same again; ranges of a
 * loss report lie in the window; a refusal is a {@link HandshakeException} with a code.
 */
public final class SrtWireFuzz {
  private static final String PASSPHRASE = "correct horse battery";
  private static final long REFRESH_PACKETS = 1L << 24;
  private static final long ANNOUNCE_PACKETS = 1L << 12;
  private static final int SOCKET = 0x1234_5678;

  private static final byte[] KEY_REQUEST =
      KeyExchange.create(PASSPHRASE, 16, new Counting(), REFRESH_PACKETS, ANNOUNCE_PACKETS)
          .handshakeBody();

  private static final byte[] WRAPPED =
      Arrays.copyOfRange(KEY_REQUEST, KEY_REQUEST.length - 24, KEY_REQUEST.length);

  /** For control packets. Made once: deriving its key costs milliseconds. */
  private static final KeyExchange LISTENER = listener();

  /** For data packets; keeps its keys. */
  private static final SrtCipher CIPHER = listener().cipher();

  private SrtWireFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    ByteBuf packet = Unpooled.buffer(Math.max(1, data.length)).writeBytes(data);
    if (!SrtPacket.isPacket(packet)) {
      return;
    }
    if (SrtPacket.isControl(packet)) {
      control(packet);
    } else {
      data(packet);
    }
    assertThat(packet.readerIndex()).isZero();
    assertThat(packet.readableBytes()).isEqualTo(data.length);
  }

  private static void control(ByteBuf packet) {
    switch (SrtPacket.type(packet)) {
      case ControlType.HANDSHAKE -> handshake(packet);
      case ControlType.ACK -> ack(packet);
      case ControlType.NAK -> lossReport(packet);
      case ControlType.DROP_REQUEST -> dropRequest(packet);
      case ControlType.USER_DEFINED -> keys(packet);
      default -> SrtPacket.timestampUs(packet);
    }
  }

  private static void handshake(ByteBuf packet) {
    if (!Handshake.isComplete(packet)) {
      return;
    }
    Handshake fixed = Handshake.parseFixed(packet);
    assertThat(Handshake.type(packet)).isEqualTo(fixed.type());
    assertThat(Handshake.cookie(packet)).isEqualTo(fixed.cookie());
    Handshake read;
    try {
      read = Handshake.parse(packet);
    } catch (HandshakeException e) {
      assertThat(e.rejectCode()).isPositive();
      assertThat(e.getMessage()).matches("[ -~]{1,100}");
      return;
    }
    assertThat(read.extensions()).hasSizeLessThanOrEqualTo(HandshakeExtension.MAX_BLOCKS);
    assertThat(read.toString()).hasSizeLessThan(4_096);
    ByteBuf written = write(read);
    assertThat(written.readableBytes())
        .isLessThanOrEqualTo(packet.readableBytes() + 3 * HandshakeExtension.MAX_TEXT_BYTES);
    for (HandshakeExtension extension : read.extensions()) {
      extension(extension);
    }
    if (isClean(read)) {
      try {
        assertThat(ByteBufUtil.hexDump(write(Handshake.parse(written))))
            .isEqualTo(ByteBufUtil.hexDump(written));
      } catch (HandshakeException e) {
        throw new AssertionError("does not read what it wrote", e);
      }
    }
  }

  private static ByteBuf write(Handshake handshake) {
    ByteBuf out = Unpooled.buffer();
    handshake.write(out, 0, SOCKET);
    return out;
  }

  /** Broken UTF-8 grows when it is written, beyond the longest text perhaps. */
  private static boolean isClean(Handshake handshake) {
    return handshake.extensions().stream()
        .noneMatch(each -> each instanceof HandshakeExtension.Text text && !isClean(text.text()));
  }

  private static boolean isClean(String text) {
    return text.indexOf('\uFFFD') < 0;
  }

  private static void extension(HandshakeExtension extension) {
    switch (extension) {
      case HandshakeExtension.Keys keys -> {
        try {
          KeyMaterial material = KeyMaterial.parse(keys.body());
          assertThat(KeyMaterial.parse(material.toBytes()).toBytes()).isEqualTo(material.toBytes());
          assertThat(material.wrapped()).hasSizeLessThan(KeyMaterial.MAX_BYTES);
          assertThat(material.toString()).hasSizeLessThan(100);
        } catch (HandshakeException e) {
          assertThat(e.rejectCode()).isPositive();
        }
      }
      case HandshakeExtension.Text text ->
          assertThat(text.text().getBytes(StandardCharsets.UTF_8).length)
              .isLessThanOrEqualTo(3 * HandshakeExtension.MAX_TEXT_BYTES);
      case HandshakeExtension.Capabilities capabilities -> {
        assertThat(capabilities.receiverLatencyMs()).isBetween(0, 0xFFFF);
        assertThat(capabilities.senderLatencyMs()).isBetween(0, 0xFFFF);
      }
      case HandshakeExtension.Other other -> assertThat(other.words()).isBetween(0, 0xFFFF);
    }
  }

  private static void ack(ByteBuf packet) {
    if (!AckPacket.isValid(packet)) {
      return;
    }
    assertThat(AckPacket.acknowledged(packet)).isNotNegative();
    AckPacket.number(packet);
    if (AckPacket.isSmall(packet)) {
      assertThat(AckPacket.rttUs(packet)).isNotNegative();
      assertThat(AckPacket.rttVarianceUs(packet)).isNotNegative();
      assertThat(AckPacket.freeBufferPackets(packet)).isNotNegative();
    }
    if (AckPacket.isFull(packet)) {
      assertThat(AckPacket.receivedPacketsPerSecond(packet)).isNotNegative();
      assertThat(AckPacket.linkPacketsPerSecond(packet)).isNotNegative();
      assertThat(AckPacket.receivedBytesPerSecond(packet)).isNotNegative();
    }
  }

  /** The window begins where the packet's destination id says, and is up to 8192 packets long. */
  private static void lossReport(ByteBuf packet) {
    int oldest = SrtPacket.destination(packet) & SequenceNumber.MAX;
    int newest = SequenceNumber.add(oldest, SrtPacket.info(packet) & 0x1FFF);
    List<int[]> ranges = new ArrayList<>();
    int refused =
        LossReport.forEach(
            packet,
            oldest,
            newest,
            (first, last) -> {
              assertThat(SequenceNumber.isBefore(first, oldest)).isFalse();
              assertThat(SequenceNumber.isBefore(newest, last)).isFalse();
              assertThat(SequenceNumber.count(first, last)).isBetween(1, 0x2000);
              ranges.add(new int[] {first, last});
            });
    assertThat(refused + ranges.size())
        .isLessThanOrEqualTo(SrtPacket.payloadBytes(packet) / Integer.BYTES);
    ByteBuf out = Unpooled.buffer();
    LossReport.writeHeader(out, 0, SOCKET);
    ranges.forEach(range -> LossReport.writeRange(out, range[0], range[1]));
    List<int[]> again = new ArrayList<>();
    int refusedAgain =
        LossReport.forEach(
            out, oldest, newest, (first, last) -> again.add(new int[] {first, last}));
    assertThat(refusedAgain).isZero();
    assertThat(again).usingRecursiveComparison().isEqualTo(ranges);
  }

  private static void dropRequest(ByteBuf packet) {
    if (DropRequest.isValid(packet)) {
      int first = DropRequest.first(packet);
      int last = DropRequest.last(packet);
      assertThat(first).isNotNegative();
      assertThat(SequenceNumber.count(first, last)).isPositive();
    }
  }

  /**
   * Without the passphrase nobody can wrap a key, so an answer means the one that the handshake
   * wrapped. (Which of even and odd it is stands in the header, that nothing protects: §3.2.2.)
   */
  private static void keys(ByteBuf packet) {
    byte @Nullable [] answer = LISTENER.onControl(packet);
    if (answer != null) {
      try {
        assertThat(KeyMaterial.parse(answer).wrapped()).isEqualTo(WRAPPED);
      } catch (HandshakeException e) {
        throw new AssertionError("answers what it cannot have read", e);
      }
      assertThat(answer).hasSize(SrtPacket.payloadBytes(packet));
    }
    assertThat(LISTENER.poll(0)).isNull();
  }

  private static void data(ByteBuf packet) {
    assertThat(SrtPacket.sequence(packet)).isNotNegative();
    assertThat(SrtPacket.messageNumber(packet)).isBetween(0, SrtPacket.MAX_MESSAGE_NUMBER);
    assertThat(SrtPacket.position(packet)).isBetween(0, 3);
    int keyFlags = SrtPacket.keyFlags(packet);
    if (keyFlags == SrtPacket.KEY_NONE) {
      return;
    }
    String before = ByteBufUtil.hexDump(packet);
    if (CIPHER.decrypt(packet)) {
      assertThat(keyFlags).isEqualTo(SrtPacket.KEY_EVEN);
      assertThat(SrtPacket.keyFlags(packet)).isEqualTo(SrtPacket.KEY_NONE);
      CIPHER.encrypt(packet);
    }
    assertThat(ByteBufUtil.hexDump(packet)).isEqualTo(before);
  }

  /** Always the same numbers, so that an input means the same again tomorrow. */
  private static final class Counting extends SecureRandom {
    private static final long serialVersionUID = 1L;

    @Override
    public void nextBytes(byte[] bytes) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (i + 1);
      }
    }
  }

  private static KeyExchange listener() {
    try {
      return KeyExchange.accept(
          KEY_REQUEST, PASSPHRASE, new Counting(), REFRESH_PACKETS, ANNOUNCE_PACKETS);
    } catch (HandshakeException e) {
      throw new IllegalStateException(e);
    }
  }

  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    List<HandshakeExtension> extensions =
        List.of(
            new HandshakeExtension.Capabilities(
                ExtensionType.HANDSHAKE_REQUEST, 0x010504, 0xBF, 120, 120),
            new HandshakeExtension.Keys(ExtensionType.KEY_REQUEST, KEY_REQUEST),
            new HandshakeExtension.Text(ExtensionType.STREAM_ID, "#!::r=live/a,m=publish,s=k"),
            new HandshakeExtension.Text(ExtensionType.CONGESTION, "live"));
    Handshake induction =
        new Handshake(
            Handshake.VERSION_4,
            0,
            Handshake.UDT_DATAGRAM,
            1_000,
            1_500,
            8_192,
            Handshake.INDUCTION,
            SOCKET,
            0,
            Handshake.PeerAddress.NONE,
            List.of());
    Handshake conclusion =
        new Handshake(
            Handshake.VERSION_5,
            2,
            Handshake.flagsFor(extensions),
            1_000,
            1_500,
            8_192,
            Handshake.CONCLUSION,
            SOCKET,
            42,
            Handshake.PeerAddress.NONE,
            extensions);
    seeds.add(ByteBufUtil.getBytes(write(induction)));
    seeds.add(ByteBufUtil.getBytes(write(conclusion)));
    ByteBuf out = Unpooled.buffer();
    AckPacket.writeLight(out, 1_000, 1, SOCKET);
    seeds.add(take(out));
    AckPacket.writeFull(out, 7, 1_000, 20_000, 500, 8_000, 300, 1_000, 400_000, 2, SOCKET);
    seeds.add(take(out));
    LossReport.writeHeader(out, 3, 1_000);
    LossReport.writeRange(out, 1_001, 1_001);
    LossReport.writeRange(out, 1_004, 1_010);
    out.setInt(4, 100); // the window's length
    seeds.add(take(out));
    DropRequest.write(out, 9, 1_000, 1_010, 4, SOCKET);
    seeds.add(take(out));
    SrtPacket.writeControl(out, ControlType.USER_DEFINED, ExtensionType.KEY_REQUEST, 0, 5, SOCKET);
    seeds.add(take(out.writeBytes(KEY_REQUEST)));
    SrtPacket.writeData(out, 1_000, 1, 6, SOCKET);
    seeds.add(take(out.writeBytes(HexFormat.of().parseHex("47400010".repeat(8)))));
    SrtPacket.writeData(out, 1_001, 2, 7, SOCKET);
    SrtPacket.setKeyFlags(out, SrtPacket.KEY_EVEN);
    seeds.add(take(out.writeBytes(new byte[188])));
    SrtPacket.writeEmptyControl(out, ControlType.KEEP_ALIVE, 8, SOCKET);
    seeds.add(take(out));
    return seeds;
  }

  private static byte[] take(ByteBuf out) {
    byte[] bytes = ByteBufUtil.getBytes(out);
    out.clear();
    return bytes;
  }
}
