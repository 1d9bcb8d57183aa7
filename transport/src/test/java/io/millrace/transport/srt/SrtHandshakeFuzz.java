package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.srt.flow.FlowSettings;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.Handshake;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.HandshakeExtension;
import io.millrace.transport.srt.wire.HandshakeExtension.Capabilities;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Fuzz target: what a handshake settles. The first byte chooses who reads the rest: a listener, a
 * caller after its induction, or the reader of stream ids.
 *
 * <p>A refusal is a {@link HandshakeException} with a code; what is taken makes {@link
 * FlowSettings}, which check themselves, within the limits of {@link SrtSettings}; names of streams
 * are names.
 */
public final class SrtHandshakeFuzz {
  private static final SrtSettings SETTINGS = SrtSettings.defaults();
  private static final int SOCKET = 0x1234;
  private static final int LISTENER = 0;
  private static final int CALLER = 1;
  private static final int STREAM_ID = 2;

  private SrtHandshakeFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(data, 1, data.length);
    ByteBuf packet = Unpooled.wrappedBuffer(rest);
    try {
      switch (data[0] & 3) {
        case LISTENER -> {
          if (Handshake.isComplete(packet)) {
            listener(packet);
          }
        }
        case CALLER -> caller(packet);
        default -> streamId(new String(rest, StandardCharsets.UTF_8));
      }
    } catch (HandshakeException e) {
      assertThat(e.rejectCode()).isPositive();
      assertThat(e.getMessage()).matches("[ -~]{1,120}");
    }
    assertThat(packet.readerIndex()).isZero();
  }

  private static void listener(ByteBuf packet) throws HandshakeException {
    Handshake conclusion = Handshake.parse(packet);
    check(conclusion.rejected(1_000));
    Negotiation wish =
        Negotiation.of(conclusion, ExtensionType.HANDSHAKE_REQUEST, SETTINGS.mtuBytes());
    assertThat(wish.version()).matches("[0-9.]{5,15}");
    assertThat(wish.receiverLatencyMs(SETTINGS))
        .isBetween(SETTINGS.latency().toMillis(), SETTINGS.maxLatency().toMillis());
    FlowSettings flow =
        wish.flow(
            conclusion.initialSequence(),
            1_000_000,
            1_000_000 - SrtPacket.timestampUs(packet),
            0,
            wish.receiverLatencyMs(SETTINGS),
            wish.peerLatencyMs(SETTINGS),
            SETTINGS.windowPackets(),
            SETTINGS.maxHeldBytes());
    assertThat(flow.maxPayloadBytes()).isPositive();
    assertThat(flow.mssBytes()).isLessThanOrEqualTo(SETTINGS.mtuBytes());
    assertThat(flow.sending().windowPackets()).isLessThanOrEqualTo(SETTINGS.windowPackets());
    check(wish.answer(SOCKET, Handshake.PeerAddress.NONE, SETTINGS, wish.keys()));
    streamId(wish.streamId());
  }

  /** An answer is one packet, and the other side can read it. */
  private static void check(Handshake answer) throws HandshakeException {
    ByteBuf out = Unpooled.buffer();
    answer.write(out, 0, SOCKET);
    assertThat(out.readableBytes()).isLessThan(SrtSettings.MIN_MTU_BYTES);
    assertThat(Handshake.parse(out).type()).isEqualTo(answer.type());
  }

  private static void caller(ByteBuf packet) {
    if (!SrtPacket.isPacket(packet)) {
      return;
    }
    CallerHandshake handshake =
        new CallerHandshake(
            SrtCallerSettings.of("live/a", null), SOCKET, 1, null, Handshake.PeerAddress.NONE);
    handshake.poll(0);
    handshake.onPacket(induction(), 1_000);
    handshake.poll(1_000);
    packet.setInt(12, SOCKET);
    switch (handshake.onPacket(packet, 2_000)) {
      case CallerHandshake.Outcome.Connected(
              Negotiation negotiation,
              long peerStartUs,
              long rttUs) ->
          negotiation.flow(
              1,
              1_000,
              peerStartUs,
              rttUs,
              Negotiation.callersLatencyMs(120, negotiation.capabilities().senderLatencyMs()),
              Negotiation.callersLatencyMs(120, negotiation.capabilities().receiverLatencyMs()),
              SETTINGS.windowPackets(),
              SETTINGS.maxHeldBytes());
      case CallerHandshake.Outcome.Refused(int rejectCode) ->
          assertThat(rejectCode).isNotNegative();
      case CallerHandshake.Outcome.Pending _ -> {}
    }
  }

  private static void streamId(String text) throws HandshakeException {
    StreamId read = StreamId.parse(text);
    assertThat(read.stream().app()).matches("[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}");
    assertThat(read.stream().name()).matches("[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}");
    assertThat(read.query()).hasSizeLessThanOrEqualTo(33);
    read.query()
        .values()
        .forEach(value -> assertThat(value.length()).isLessThanOrEqualTo(text.length()));
  }

  private static ByteBuf induction() {
    return write(
        handshake(Handshake.VERSION_5, 0, Handshake.MAGIC, Handshake.INDUCTION, List.of()));
  }

  private static Handshake handshake(
      int version, int encryption, int extension, int type, List<HandshakeExtension> extensions) {
    return new Handshake(
        version,
        encryption,
        extension,
        1_000,
        1_500,
        8_192,
        type,
        SOCKET,
        42,
        Handshake.PeerAddress.NONE,
        extensions);
  }

  private static ByteBuf write(Handshake handshake) {
    ByteBuf out = Unpooled.buffer();
    handshake.write(out, 5_000, SOCKET);
    return out;
  }

  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String id : StreamIdCases.GOOD) {
      seeds.add(seed(STREAM_ID, id.getBytes(StandardCharsets.UTF_8)));
      List<HandshakeExtension> extensions =
          List.of(
              new Capabilities(ExtensionType.HANDSHAKE_REQUEST, 0x010501, 0xBF, 500, 500),
              new HandshakeExtension.Text(ExtensionType.STREAM_ID, id));
      seeds.add(
          seed(
              LISTENER,
              bytes(
                  handshake(
                      Handshake.VERSION_5,
                      0,
                      Handshake.flagsFor(extensions),
                      Handshake.CONCLUSION,
                      extensions))));
    }
    List<HandshakeExtension> answer =
        List.of(new Capabilities(ExtensionType.HANDSHAKE_RESPONSE, 0x010501, 0xBF, 500, 65_535));
    seeds.add(
        seed(
            CALLER,
            bytes(
                handshake(
                    Handshake.VERSION_5,
                    0,
                    Handshake.HAS_HANDSHAKE,
                    Handshake.CONCLUSION,
                    answer))));
    return seeds;
  }

  private static byte[] bytes(Handshake handshake) {
    return ByteBufUtil.getBytes(write(handshake));
  }

  private static byte[] seed(int who, byte[] rest) {
    byte[] seed = new byte[1 + rest.length];
    seed[0] = (byte) who;
    System.arraycopy(rest, 0, seed, 1, rest.length);
    return seed;
  }
}
