package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.ExtensionType;
import io.millrace.transport.srt.wire.PayloadCipher;
import io.millrace.transport.srt.wire.SequenceNumber;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ConnectionTest {
  private static final int FIRST = FlowHarness.OWN_FIRST;
  private static final int RANGE = 0x8000_0000;

  private static int peer(int index) {
    return SequenceNumber.add(FlowHarness.PEER_FIRST, index);
  }

  @Test
  void saysThatItIsAliveEverySecond() {
    try (FlowHarness harness = new FlowHarness()) {
      for (int i = 0; i < 10; i++) {
        harness.runTo(harness.nowUs + 1_000_000);
        harness.receiveControl(ControlType.KEEP_ALIVE, 0, 0);
      }
      assertThat(harness.control(ControlType.KEEP_ALIVE)).hasSize(10);
      assertThat(harness.ends).isEmpty();
    }
  }

  @Test
  void aPeerThatIsSilentForFiveSecondsIsGone() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.runTo(4_999_999);
      assertThat(harness.ends).isEmpty();
      harness.runTo(5_000_000);
      assertThat(harness.ends).containsExactly(FlowEnd.PEER_IDLE);
      assertThat(harness.control(ControlType.SHUTDOWN)).hasSize(1);
      assertThat(harness.connection.dueUs()).isEqualTo(SrtConnection.NEVER);
      assertThat(harness.send(10)).isFalse();
    }
  }

  @Test
  void shutdownDeliversWhatWasReceived() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0, 1, 3);
      harness.receiveControl(ControlType.SHUTDOWN, 0, 0);
      assertThat(harness.delivered).containsExactly(0, 1, 3);
      assertThat(harness.ends).containsExactly(FlowEnd.PEER_SHUTDOWN);
      assertThat(harness.control(ControlType.SHUTDOWN)).isEmpty();
      harness.receiveData(4);
      assertThat(harness.delivered).hasSize(3);
    }
  }

  @Test
  void mayBeClosedWhileItDelivers() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.send(500);
      harness.receiveData(0, 1, 2);
      harness.onPayload = () -> harness.connection.close(harness.nowUs);
      harness.runTo(300_000);
      assertThat(harness.delivered).containsExactly(0);
      assertThat(harness.ends).containsExactly(FlowEnd.CLOSED);
      int sent = harness.packets.size();
      harness.runTo(10_000_000);
      assertThat(harness.packets).hasSize(sent);
    }
  }

  @Test
  void mayBeSentToWhileItDelivers() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.onPayload = () -> harness.send(100);
      harness.receiveData(0, 1, 2);
      harness.runTo(300_000);
      assertThat(harness.sentData()).startsWith(FIRST, FIRST + 1, FIRST + 2);
    }
  }

  @Test
  void acknowledgesEveryTenMillisecondsAndMeasuresTheRoundTrip() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0);
      assertThat(harness.control(ControlType.ACK)).hasSize(1);
      harness.receiveData(1, 2);
      harness.runTo(9_999);
      assertThat(harness.control(ControlType.ACK)).hasSize(1);
      harness.runTo(10_000);
      List<List<Integer>> acks = harness.control(ControlType.ACK);
      assertThat(acks).hasSize(2);
      assertThat(acks.get(1).subList(0, 2)).containsExactly(2, peer(3));
      assertThat(acks.get(1)).hasSize(8);
      harness.nowUs = 40_000;
      harness.receiveControl(ControlType.ACK_ACK, 2);
      assertThat(harness.statistics().msRTT()).isEqualTo(30.0);
    }
  }

  @Test
  void acknowledgesEvery64PacketsInBetween() {
    try (FlowHarness harness = new FlowHarness()) {
      for (int i = 0; i < 200; i++) {
        harness.receiveData(i);
      }
      assertThat(harness.control(ControlType.ACK).stream().filter(ack -> ack.getFirst() == 0))
          .extracting(List::size)
          .containsExactly(2, 2, 2);
    }
  }

  @Test
  void anAcknowledgementWithoutAnswerIsRepeated() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0);
      harness.runTo(1_000_000);
      List<List<Integer>> acks = harness.control(ControlType.ACK);
      assertThat(acks).hasSizeBetween(3, 5);
      harness.receiveControl(ControlType.ACK_ACK, acks.getLast().getFirst());
      harness.forget();
      harness.runTo(2_000_000);
      assertThat(harness.control(ControlType.ACK)).isEmpty();
    }
  }

  @Test
  void aGapIsReportedAtOnce() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0, 4, 6);
      assertThat(harness.naks())
          .containsExactly(List.of(0, RANGE | peer(1), peer(3)), List.of(0, peer(5)));
      SrtStatistics statistics = harness.statistics();
      assertThat(statistics.pktRcvLoss()).isEqualTo(4);
      assertThat(statistics.byteRcvLoss()).isEqualTo(4 * statistics.byteRecv() / 3);
    }
  }

  @Test
  void whatWouldComeTooLateIsNotReported() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0);
      harness.nowUs = 80_000;
      harness.receiveControl(ControlType.ACK_ACK, 1);
      ByteBuf late = harness.data(2);
      late.setInt(8, 10_000);
      harness.receive(late);
      assertThat(harness.naks()).as("30 ms left, 80 ms round trip").isEmpty();
      harness.runTo(120_000);
      assertThat(harness.delivered).containsExactly(0, 2);
      assertThat(harness.statistics().pktRcvDrop()).isEqualTo(1);
    }
  }

  @Test
  void packetsThatThePeerDropsAreNotWaitedFor() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveData(0, 3);
      harness.receiveControl(ControlType.DROP_REQUEST, 0, peer(1), peer(2));
      harness.forget();
      harness.runTo(99_000);
      assertThat(harness.naks()).isEmpty();
      assertThat(harness.control(ControlType.ACK).getFirst().get(1)).isEqualTo(peer(4));
      harness.runTo(110_000);
      assertThat(harness.delivered).containsExactly(0, 3);
    }
  }

  @Test
  void aReportOfWhatWasDroppedIsAnsweredWithADropRequest() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.send(100);
      harness.send(100);
      harness.receiveControl(ControlType.KEEP_ALIVE, 0, 0);
      harness.runTo(1_100_000);
      assertThat(harness.statistics().pktSndDrop()).isEqualTo(2);
      harness.forget();
      harness.receiveControl(ControlType.NAK, 0, RANGE | FIRST, FIRST + 1);
      assertThat(harness.control(ControlType.DROP_REQUEST))
          .containsExactly(List.of(0, FIRST, FIRST + 1));
      assertThat(harness.sentData()).isEmpty();
    }
  }

  @Test
  void lostPacketsAreSentAgainAndMarked() {
    try (FlowHarness harness = new FlowHarness()) {
      for (int i = 0; i < 5; i++) {
        harness.send(100);
      }
      harness.forget();
      harness.receiveControl(ControlType.NAK, 0, FIRST + 1, RANGE | (FIRST + 3), FIRST + 4);
      assertThat(harness.sentData()).containsExactly(FIRST + 1, FIRST + 3, FIRST + 4);
      assertThat(harness.packets).allMatch(SrtPacket::isRetransmitted);
      assertThat(harness.statistics().pktRetrans()).isEqualTo(3);
    }
  }

  @Test
  void theNewestPacketIsProbedWhenNothingIsHeard() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.send(100);
      harness.send(100);
      harness.forget();
      harness.runTo(900_000);
      assertThat(harness.sentData()).isNotEmpty().containsOnly(FIRST + 1);
      assertThat(harness.sentData()).hasSizeLessThan(4);
    }
  }

  @Test
  void theFlowWindowIsKept() {
    try (FlowHarness harness = new FlowHarness()) {
      harness.receiveAck(1, FIRST);
      for (int i = 0; i < 600; i++) {
        assertThat(harness.send(10)).isTrue();
      }
      harness.runTo(300_000);
      assertThat(harness.sentData().stream().distinct()).hasSize(500);
      assertThat(harness.statistics().pktFlightSize()).isEqualTo(500);
    }
  }

  @Test
  void extensionsAreHandedOn() {
    try (FlowHarness harness = new FlowHarness()) {
      ByteBuf packet = harness.allocator.directBuffer();
      SrtPacket.writeControl(packet, ControlType.USER_DEFINED, ExtensionType.KEY_REQUEST, 0, 0, 1);
      harness.receive(packet);
      assertThat(harness.extensions).containsExactly(ExtensionType.KEY_REQUEST);
    }
  }

  /** A cipher that knows one key, and changes bytes visibly. */
  private static final PayloadCipher EVEN_KEY =
      new PayloadCipher() {
        @Override
        public boolean decrypt(ByteBuf packet) {
          if (SrtPacket.keyFlags(packet) != SrtPacket.KEY_EVEN) {
            return false;
          }
          SrtPacket.setKeyFlags(packet, SrtPacket.KEY_NONE);
          flip(packet);
          return true;
        }

        @Override
        public void encrypt(ByteBuf packet) {
          flip(packet);
          SrtPacket.setKeyFlags(packet, SrtPacket.KEY_EVEN);
        }

        private void flip(ByteBuf packet) {
          for (int i = SrtPacket.payloadIndex(packet); i < packet.writerIndex(); i++) {
            packet.setByte(i, ~packet.getByte(i));
          }
        }
      };

  @Test
  void packetsOfAnUnknownKeyAreCountedAndPassedOver() {
    try (FlowHarness harness = new FlowHarness(EVEN_KEY)) {
      for (int index = 0; index < 5; index++) {
        ByteBuf packet = harness.data(index);
        EVEN_KEY.encrypt(packet);
        if (index == 2) {
          SrtPacket.setKeyFlags(packet, SrtPacket.KEY_ODD);
        }
        harness.receive(packet);
      }
      harness.runTo(200_000);
      assertThat(harness.delivered).containsExactly(0, 1, 3, 4);
      assertThat(harness.naks()).isEmpty();
      assertThat(harness.statistics().pktRcvUndecrypt()).isEqualTo(1);
    }
  }

  @Test
  void clearPacketsBetweenEncryptedOnesAreRefused() {
    try (FlowHarness harness = new FlowHarness(EVEN_KEY)) {
      harness.receiveData(0);
      harness.runTo(200_000);
      assertThat(harness.delivered).isEmpty();
      assertThat(harness.statistics().pktRcvUndecrypt()).isEqualTo(1);
    }
  }

  @Test
  void encryptedPacketsStayEncryptedWhenSentAgain() {
    try (FlowHarness harness = new FlowHarness(EVEN_KEY)) {
      harness.send(10);
      harness.receiveControl(ControlType.NAK, 0, FIRST);
      assertThat(harness.packets).hasSize(2);
      for (ByteBuf packet : harness.packets) {
        assertThat(SrtPacket.keyFlags(packet)).isEqualTo(SrtPacket.KEY_EVEN);
        assertThat(packet.getByte(SrtPacket.payloadIndex(packet))).isEqualTo((byte) 0xFF);
      }
    }
  }

  @Test
  void messagesThatDoNotFitAPacketAreRefused() {
    try (FlowHarness harness = new FlowHarness()) {
      assertThat(harness.send(1_456)).isTrue();
      assertThatThrownBy(() -> harness.send(1_457)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> harness.send(0)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
