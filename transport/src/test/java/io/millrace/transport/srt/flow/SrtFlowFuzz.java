package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.SequenceNumber;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Fuzz target: an established connection and a hostile peer, on a virtual clock. Input is a list of
 * steps, a byte each with what it needs behind it:
 *
 * <pre>
 *  0 n bytes…        a datagram of n bytes
 *  1 i16 ts8 kk pp   a data packet, i after the first; its time off by ts ms; key flags, position
 *  2 type n words…   a control packet; each word is 16 bits: 2 from where, 14 how far from there
 *  3 n               the connection sends a message of 10 n bytes
 *  4 n               n ms pass
 *  5 n               n × 64 ms pass
 * </pre>
 *
 * Nothing is thrown; what is held and what one packet is answered with is bounded; no timer is
 * always due; everything is released when it ends, and it ends once ({@link FlowHarness#close}).
 */
public final class SrtFlowFuzz {
  private static final int MAX_STEPS = 2_000;
  private static final int MAX_HELD_BYTES = 100_000;
  private static final int MAX_WORDS = 16;

  /** A window's worth sent again, and a few words about it. */
  private static final int MAX_ANSWERS = FlowHarness.WINDOW + 64;

  private SrtFlowFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    ByteBuffer in = ByteBuffer.wrap(data);
    try (FlowHarness harness = new FlowHarness(MAX_HELD_BYTES)) {
      int packets = 0;
      for (int step = 0; step < MAX_STEPS && in.hasRemaining(); step++) {
        int what = in.get() & 0xFF;
        switch (what % 6) {
          case 0 -> harness.receive(datagram(harness, in));
          case 1 -> harness.receive(data(harness, in));
          case 2 -> harness.receive(control(harness, in));
          case 3 -> harness.send(Math.max(1, 10 * Math.min(140, next(in))));
          case 4 -> pass(harness, next(in) * 1_000L);
          default -> pass(harness, next(in) * 64_000L);
        }
        packets += what % 6 <= 2 ? 1 : 0;
        if (what % 6 <= 3) {
          assertThat(harness.packets).as("answers to one packet").hasSizeLessThan(MAX_ANSWERS);
        }
        harness.forget();
        check(harness.statistics());
      }
      assertThat(harness.delivered).hasSizeLessThanOrEqualTo(packets);
      assertThat(harness.connection.isEnded()).isEqualTo(!harness.ends.isEmpty());
    }
  }

  private static void check(SrtStatistics statistics) {
    assertThat(statistics.pktRcvBuf()).isBetween(0, FlowHarness.WINDOW);
    assertThat(statistics.pktSndBuf()).isBetween(0, FlowHarness.WINDOW);
    assertThat(statistics.byteRcvBuf()).isBetween(0, MAX_HELD_BYTES);
    assertThat(statistics.byteSndBuf()).isBetween(0, MAX_HELD_BYTES);
    assertThat(statistics.msRTT()).isBetween(0.0, 30_000.0);
    assertThat(statistics.pktFlightSize()).isBetween(0, FlowHarness.WINDOW);
    assertThat(statistics.pktRcvLoss()).isNotNegative();
    assertThat(statistics.pktRcvDrop()).isNotNegative();
    assertThat(statistics.msRcvTsbPdDelay()).isEqualTo((int) (FlowHarness.LATENCY_US / 1000));
  }

  /** Step by step: what is due must not be due again at the same time for ever. */
  private static void pass(FlowHarness harness, long us) {
    long untilUs = harness.nowUs + us;
    long timers = 0;
    while (harness.connection.dueUs() <= untilUs) {
      long dueUs = harness.connection.dueUs();
      harness.nowUs = Math.max(harness.nowUs, dueUs);
      harness.connection.onTimer(harness.nowUs);
      harness.forget();
      timers++;
      assertThat(timers).as("timers in %d ms", us / 1_000).isLessThan(10_000 + us / 10);
    }
    harness.nowUs = untilUs;
  }

  private static ByteBuf datagram(FlowHarness harness, ByteBuffer in) {
    ByteBuf packet = harness.allocator.directBuffer();
    int bytes = Math.min(next(in), in.remaining());
    packet.writeBytes(in.array(), in.position(), bytes);
    in.position(in.position() + bytes);
    return packet;
  }

  private static ByteBuf data(FlowHarness harness, ByteBuffer in) {
    ByteBuf packet = harness.allocator.directBuffer();
    int index = (short) (next(in) << 8 | next(in));
    int timestampUs = (int) (harness.nowUs + (byte) next(in) * 1_000L);
    int sequence = SequenceNumber.add(FlowHarness.PEER_FIRST, index);
    SrtPacket.writeData(packet, sequence, index + 1, timestampUs, 1);
    SrtPacket.setKeyFlags(packet, next(in) & SrtPacket.KEY_BOTH);
    int flags = next(in);
    packet.setInt(4, packet.getInt(4) ^ flags << 24 & 0xE400_0000);
    return packet.writeZero(4 + (flags & 0x1B) * 40);
  }

  private static ByteBuf control(FlowHarness harness, ByteBuffer in) {
    ByteBuf packet = harness.allocator.directBuffer();
    int type = next(in);
    int words = next(in) % (MAX_WORDS + 1);
    SrtPacket.writeControl(
        packet,
        type == 0xFF ? ControlType.USER_DEFINED : type % 10,
        type >> 6,
        word(in),
        (int) harness.nowUs,
        1);
    for (int i = 0; i < words; i++) {
      packet.writeInt(word(in));
    }
    return packet;
  }

  /** From 0, the own first packet, the peer's first packet, or the own with the top bit set. */
  private static int word(ByteBuffer in) {
    int coded = next(in) << 8 | next(in);
    int from =
        switch (coded >> 14) {
          case 0 -> 0;
          case 1 -> FlowHarness.OWN_FIRST;
          case 2 -> FlowHarness.PEER_FIRST;
          default -> FlowHarness.OWN_FIRST | 0x8000_0000;
        };
    return from + ((coded & 0x3FFF) << 18 >> 18);
  }

  private static int next(ByteBuffer in) {
    return in.hasRemaining() ? in.get() & 0xFF : 0;
  }

  public static List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (String steps :
        List.of(
            "01 0000 00 00 00 01 0001 00 00 00 01 0003 00 00 00 04 0a 01 0002 00 00 00 05 04",
            "03 64 03 64 03 64 02 03 02 0000 c000 4002 04 14 03 64 05 02",
            "03 64 02 02 07 0001 4001 2710 0064 01f4 0000 0000 0000 04 14",
            "01 0000 00 00 00 04 14 02 06 00 0001 04 0a 02 07 02 0000 8001 8003 05 02",
            "01 0000 00 00 00 01 03ff 00 00 00 05 0a 01 0400 00 00 00 01 7fff 7f 00 00",
            "03 8c 02 05 00 0000 05 80",
            "00 14 80010000 00000000 00000000 00000001 00000000 05 ff 05 ff",
            "01 0000 00 01 00 01 0001 00 03 40 01 0001 80 00 ff")) {
      seeds.add(java.util.HexFormat.of().parseHex(steps.replace(" ", "")));
    }
    return seeds;
  }
}
