package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.SequenceNumber;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a hostile peer sends is refused and counted, and harms neither memory nor the stream. Leaks
 * are found by {@link FlowHarness#close}.
 */
final class HostilePeerTest {
  private static final int RANGE = 0x8000_0000;
  private static final int FIRST = FlowHarness.OWN_FIRST;

  private static void sendTen(FlowHarness harness) {
    for (int i = 0; i < 10; i++) {
      assertThat(harness.send(1_000)).isTrue();
    }
    assertThat(harness.sentData()).hasSize(10);
    harness.forget();
  }

  /** libsrt: a loss report reaching past the send buffer is read out of bounds. */
  @Test
  @DisplayName("Out-of-bounds loss report: refused, nothing is sent")
  void lossReportOutOfBoundsIsRefused() {
    int[][] reports = {
      {FIRST + 10}, // the next one, never sent
      {FIRST + 1_000_000},
      {RANGE | FIRST, FIRST + 10},
      {RANGE | FIRST, SequenceNumber.MAX},
      {RANGE | (FIRST + 9), FIRST}, // turned round
      {RANGE | FIRST}, // without its end
      {RANGE | FIRST, RANGE | (FIRST + 5)}, // an end that is a beginning
      {RANGE | SequenceNumber.add(FIRST, 1 << 30), FIRST + 5},
    };
    for (int[] report : reports) {
      try (FlowHarness harness = new FlowHarness()) {
        sendTen(harness);
        harness.receiveControl(ControlType.NAK, 0, report);
        harness.runTo(1_000);
        assertThat(harness.sentData()).as("%x", report[0]).isEmpty();
        assertThat(harness.statistics().pktRcvInvalid()).as("%x", report[0]).isEqualTo(1);
      }
    }
  }

  @Test
  void lossReportOfAllNumbersIsAnsweredWithWhatIsHeldOnly() {
    try (FlowHarness harness = new FlowHarness()) {
      sendTen(harness);
      harness.receiveControl(
          ControlType.NAK, 0, RANGE | SequenceNumber.add(FIRST, -(1 << 29)), FIRST + 9);
      assertThat(harness.sentData())
          .containsExactlyElementsOf(IntStream.range(FIRST, FIRST + 10).boxed().toList());
    }
  }

  /** A thousand equal reports within a round trip do not make a thousand packets. */
  @Test
  void repeatedLossReportsAreNoAmplifier() {
    try (FlowHarness harness = new FlowHarness()) {
      sendTen(harness);
      for (int i = 0; i < 1_000; i++) {
        harness.receiveControl(ControlType.NAK, 0, RANGE | FIRST, FIRST + 9);
      }
      assertThat(harness.sentData()).hasSizeLessThanOrEqualTo(20);
    }
  }

  @Test
  @DisplayName("Out-of-bounds DROPREQ: refused, nothing is dropped")
  void dropRequestOutOfBoundsIsRefused() {
    int first = FlowHarness.PEER_FIRST;
    int[][] requests = {
      {first, SequenceNumber.add(first, FlowHarness.WINDOW)},
      {first, SequenceNumber.add(first, 1 << 29)},
      {SequenceNumber.add(first, 5), SequenceNumber.add(first, 2)},
      {first | RANGE, first},
      {first, first | RANGE},
      {first},
      {},
    };
    for (int[] request : requests) {
      try (FlowHarness harness = new FlowHarness()) {
        harness.receiveControl(ControlType.DROP_REQUEST, 1, request);
        assertThat(harness.statistics().pktRcvInvalid()).isEqualTo(1);
        assertThat(harness.statistics().pktRcvDrop()).isZero();
        harness.receiveData(0, 1, 2);
        harness.runTo(200_000);
        assertThat(harness.delivered).containsExactly(0, 1, 2);
      }
    }
  }

  @Test
  void dropRequestOfThePastDoesNothing() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0, 1, 2, 3, 4);
      harness.runTo(200_000);
      int first = FlowHarness.PEER_FIRST;
      harness.receiveControl(ControlType.DROP_REQUEST, 1, first, SequenceNumber.add(first, 3));
      harness.receiveData(5);
      harness.runTo(400_000);
      assertThat(harness.delivered).containsExactly(0, 1, 2, 3, 4, 5);
      assertThat(harness.statistics().pktRcvDrop()).isZero();
    }
  }

  @Test
  void packetsOutsideTheWindowAreNeverStored() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0, 1);
      for (int index :
          new int[] {FlowHarness.WINDOW, FlowHarness.WINDOW * 3, 1 << 20, (1 << 30) - 1}) {
        harness.receiveData(index);
      }
      harness.receiveData(-1, -FlowHarness.WINDOW, -(1 << 29), 2);
      assertThat(harness.statistics().pktRcvBuf()).isEqualTo(3);
      assertThat(harness.statistics().pktRcvOutOfWindow()).isEqualTo(4);
      assertThat(harness.statistics().pktRcvBelated()).isEqualTo(3);
      harness.runTo(300_000);
      assertThat(harness.delivered).containsExactly(0, 1, 2);
    }
  }

  /** One at the very end of the window makes a window of losses, and reports of a few bytes. */
  @Test
  void theLargestGapIsOneRangeInAReport() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(FlowHarness.WINDOW - 1);
      assertThat(harness.naks()).hasSize(1);
      assertThat(harness.naks().getFirst())
          .containsExactly(
              0,
              RANGE | FlowHarness.PEER_FIRST,
              SequenceNumber.add(FlowHarness.PEER_FIRST, FlowHarness.WINDOW - 2));
    }
  }

  /** Every second packet of the window missing: the reports are cut at the packet size. */
  @Test
  void reportsOfManyRangesFitInPackets() {
    try (FlowHarness harness = new FlowHarness()) {
      for (int index = 1; index < FlowHarness.WINDOW; index += 2) {
        harness.receiveData(index);
      }
      harness.forget();
      harness.runTo(60_000);
      List<Integer> reported = new ArrayList<>();
      for (ByteBuf packet : harness.packets) {
        assertThat(packet.readableBytes()).isLessThanOrEqualTo(1_472);
      }
      harness.naks().forEach(nak -> reported.addAll(nak.subList(1, nak.size())));
      assertThat(reported).hasSizeGreaterThanOrEqualTo(FlowHarness.WINDOW / 2);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {FIRST + 11, FIRST + 1_000, FIRST - 2_000, 0, SequenceNumber.MAX})
  void acknowledgementsOfWhatWasNeverSentAreRefused(int acknowledged) {
    try (FlowHarness harness = new FlowHarness()) {
      sendTen(harness);
      harness.receiveAck(1, acknowledged);
      assertThat(harness.statistics().pktRcvInvalid()).isEqualTo(1);
      assertThat(harness.statistics().pktSndBuf()).isEqualTo(10);
      assertThat(harness.control(ControlType.ACK_ACK)).isEmpty();
      harness.receiveAck(2, FIRST + 10);
      assertThat(harness.statistics().pktSndBuf()).isZero();
    }
  }

  @Test
  void absurdValuesInAnAcknowledgementAreBounded() {
    try (FlowHarness harness = new FlowHarness()) {
      sendTen(harness);
      harness.receiveControl(ControlType.ACK, 1, FIRST + 1, -1, -1, -1, -1, -1, -1);
      harness.receiveControl(ControlType.ACK, 2, FIRST + 2, Integer.MIN_VALUE, -1, 0, 0, 0, 0);
      SrtStatistics statistics = harness.statistics();
      assertThat(statistics.msRTT()).isBetween(0.0, 10_000.0);
      assertThat(statistics.pktFlowWindow()).isBetween(2, FlowHarness.WINDOW);
      assertThat(harness.connection.dueUs()).isGreaterThanOrEqualTo(harness.nowUs);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, 1, 5, Integer.MAX_VALUE, Integer.MIN_VALUE})
  void anAckAckForNothingSpoilsNoRoundTrip(int number) {
    try (FlowHarness harness = new FlowHarness()) {
      double before = harness.statistics().msRTT();
      harness.receiveControl(ControlType.ACK_ACK, number);
      assertThat(harness.statistics().msRTT()).isEqualTo(before);
      assertThat(harness.statistics().pktRcvInvalid()).isEqualTo(1);
    }
  }

  /** A packet from the far future would hold up everything behind it. */
  @Test
  void absurdTimestampsHoldNothingUp() {
    try (FlowHarness harness = new FlowHarness()) {
      for (int index = 0; index < 20; index++) {
        ByteBuf packet = harness.data(index);
        packet.setInt(8, index * 400_000_000);
        harness.receive(packet);
        harness.runTo(harness.nowUs + 5_000);
      }
      harness.runTo(harness.nowUs + FlowHarness.LATENCY_US + 10_000);
      assertThat(harness.delivered).hasSize(20);
    }
  }

  /** A peer that was suspended: its clock goes on from somewhere else, and so does the stream. */
  @Test
  void aClockThatJumpsIsFollowed() {
    try (FlowHarness harness = new FlowHarness()) {
      for (int index = 0; index < 200; index++) {
        ByteBuf packet = harness.data(index);
        packet.setInt(8, (int) harness.nowUs + (index < 50 ? 0 : 1_800_000_000));
        harness.receive(packet);
        harness.runTo(harness.nowUs + 5_000);
      }
      int held = harness.statistics().pktRcvBuf();
      assertThat(held).as("packets of one latency").isBetween(19, 21);
    }
  }

  @Test
  void heldBytesAreBounded() {
    try (FlowHarness harness = new FlowHarness(10_000)) {
      for (int index = 0; index < 100; index++) {
        ByteBuf packet = harness.data(index);
        harness.receive(packet.writeZero(996));
      }
      assertThat(harness.statistics().byteRcvBuf()).isLessThanOrEqualTo(10_000);
      assertThat(harness.statistics().pktRcvBuf()).isEqualTo(9);
      for (int i = 0; i < 100; i++) {
        harness.send(1_000);
      }
      assertThat(harness.statistics().byteSndBuf()).isLessThanOrEqualTo(10_000);
      assertThat(harness.statistics().pktSndDrop()).isPositive();
    }
  }

  /**
   * In libsrt many connections at once overflow an array that they share. Here they share nothing,
   * and one that is idle holds little.
   */
  @Test
  @DisplayName("CVE-2019-15784: thousands of connections at once share no array")
  void manyConnectionsShareNothing() {
    List<FlowHarness> harnesses = new ArrayList<>();
    IntStream.range(0, 2_000).forEach(i -> harnesses.add(new FlowHarness()));
    for (FlowHarness harness : harnesses) {
      harness.send(100);
      harness.receiveData(0, 2, 1);
    }
    for (FlowHarness harness : harnesses) {
      harness.runTo(200_000);
      assertThat(harness.delivered).containsExactly(0, 1, 2);
      harness.close();
    }
  }

  /** Truncated at every length, of every type. */
  @Test
  void truncatedPacketsAreRefused() {
    for (int type = 0; type <= 10; type++) {
      try (FlowHarness harness = new FlowHarness()) {
        sendTen(harness);
        harness.receiveData(0, 3);
        for (int bytes = 0; bytes < 64 && harness.ends.isEmpty(); bytes++) {
          ByteBuf packet = harness.allocator.directBuffer();
          SrtPacket.writeControl(packet, type, 0, 1, 0, 1);
          packet.writeZero(48).writerIndex(bytes);
          harness.receive(packet);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void noiseDoesNoHarm(long defaultSeed) {
    long seed = Long.getLong("millrace.seed", defaultSeed);
    RandomGenerator random = new Random(seed);
    try (FlowHarness harness = new FlowHarness()) {
      sendTen(harness);
      for (int i = 0; i < 20_000 && harness.ends.isEmpty(); i++) {
        harness.receive(noise(harness, random));
        if (random.nextInt(10) == 0) {
          harness.send(1 + random.nextInt(1_400));
        }
        harness.runTo(harness.nowUs + random.nextInt(3_000));
        assertThat(harness.packets)
            .as("answers to one packet, -Dmillrace.seed=" + seed)
            .hasSizeLessThan(1_500);
        harness.forget();
      }
      SrtStatistics statistics = harness.statistics();
      assertThat(statistics.pktRcvBuf()).isLessThanOrEqualTo(FlowHarness.WINDOW);
      assertThat(statistics.pktSndBuf()).isLessThanOrEqualTo(FlowHarness.WINDOW);
    }
  }

  /** Headers that are nearly right, with numbers near those in use, and bodies that are not. */
  private static ByteBuf noise(FlowHarness harness, RandomGenerator random) {
    ByteBuf packet = harness.allocator.directBuffer();
    int near = FIRST + random.nextInt(-50, 2_000);
    int peerNear =
        SequenceNumber.add(FlowHarness.PEER_FIRST, random.nextInt(-50, 2 * FlowHarness.WINDOW));
    if (random.nextBoolean()) {
      SrtPacket.writeData(packet, peerNear, random.nextInt(), random.nextInt(), 1);
      packet.setInt(4, random.nextInt());
    } else {
      int type = random.nextInt(1, 10);
      type = type == ControlType.SHUTDOWN ? ControlType.NAK : type;
      SrtPacket.writeControl(packet, type, 0, random.nextInt(200), random.nextInt(), 1);
    }
    int words = random.nextInt(12);
    for (int i = 0; i < words; i++) {
      packet.writeInt(
          switch (random.nextInt(5)) {
            case 0 -> random.nextInt();
            case 1 -> near;
            case 2 -> near | RANGE;
            case 3 -> peerNear;
            default -> random.nextInt(1_000);
          });
    }
    return packet.writeZero(random.nextInt(4));
  }
}
