package io.millrace.loadtest.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The lossy relay's one direction, on a virtual clock. */
class DelayLineTest {
  private static final int PACKETS = 100_000;

  private final MockTicker ticker = Ticker.newMockTicker();
  private final EmbeddedChannel channel = EmbeddedChannel.builder().ticker(ticker).build();
  private final List<Integer> left = new ArrayList<>();
  private final List<ByteBuf> made = new ArrayList<>();

  private final DelayLine.Exit exit =
      new DelayLine.Exit() {
        @Override
        public boolean send(ByteBuf packet) {
          left.add(packet.getInt(0));
          packet.release();
          return true;
        }

        @Override
        public void flush() {}
      };

  private DelayLine line(double lossShare, long delayUs, long seed) {
    return new DelayLine(
        channel.eventLoop(), ticker, new Impairment(lossShare, delayUs, seed), exit);
  }

  /** A data packet with this sequence number. */
  private ByteBuf packet(int sequence) {
    ByteBuf packet = Unpooled.buffer(SrtPacket.HEADER_BYTES);
    SrtPacket.writeData(packet, sequence, 1, 0, 1);
    made.add(packet);
    return packet;
  }

  private void pass(long us) {
    ticker.advance(us, TimeUnit.MICROSECONDS);
    channel.runScheduledPendingTasks();
  }

  @AfterEach
  void everyPacketIsReleased() {
    channel.close();
    assertThat(made).allMatch(packet -> packet.refCnt() == 0);
  }

  @Test
  void packetsLeaveAfterTheDelayInTheirOrder() {
    DelayLine line = line(0, 10_000, 1);
    line.accept(packet(1));
    pass(4_000);
    line.accept(packet(2));
    pass(5_999);
    assertThat(left).isEmpty();
    pass(1);
    assertThat(left).containsExactly(1);
    pass(4_000);
    assertThat(left).containsExactly(1, 2);
    assertThat(line.lateness().count()).isEqualTo(2);
    assertThat(line.lateness().max()).isZero();
  }

  @Test
  void latenessIsWhatTheClockSays() {
    DelayLine line = line(0, 10_000, 1);
    line.accept(packet(1));
    pass(10_250);
    assertThat(line.lateness().max()).isEqualTo(250_000);
  }

  @Test
  void lossesAreAsManyAsAskedForAndTheSameForASeed() {
    List<Integer> first = survivors(7);
    assertThat(first).hasSizeBetween((int) (PACKETS * 0.895), (int) (PACKETS * 0.905));
    assertThat(survivors(7)).isEqualTo(first);
    assertThat(survivors(8)).isNotEqualTo(first);
  }

  private List<Integer> survivors(long seed) {
    left.clear();
    DelayLine line = line(0.1, 0, seed);
    line.lossy(true);
    for (int i = 0; i < PACKETS; i++) {
      line.accept(packet(i));
      pass(0);
    }
    assertThat(line.account().lost()).isEqualTo(PACKETS - left.size());
    return List.copyOf(left);
  }

  @Test
  void nothingIsLostBeforeItIsToldTo() {
    DelayLine line = line(0.5, 0, 1);
    for (int i = 0; i < 1_000; i++) {
      line.accept(packet(i));
      pass(0);
    }
    assertThat(left).hasSize(1_000);
    line.lossy(true);
    for (int i = 0; i < 1_000; i++) {
      line.accept(packet(i));
      pass(0);
    }
    assertThat(left).hasSizeBetween(1_400, 1_600);
  }

  @Test
  void kindsOfPacketsAreTold() {
    DelayLine line = line(0, 0, 1);
    line.accept(packet(1));
    ByteBuf again = packet(1);
    SrtPacket.markRetransmitted(again);
    line.accept(again);
    ByteBuf control = Unpooled.buffer(SrtPacket.HEADER_BYTES + 4);
    SrtPacket.writeEmptyControl(control, 1, 0, 1);
    int controlBytes = control.readableBytes();
    made.add(control);
    line.accept(control);
    ByteBuf foreign = Unpooled.buffer(3).writeZero(3);
    made.add(foreign);
    line.accept(foreign);
    RelayAccount account = line.account();
    assertThat(account)
        .isEqualTo(new RelayAccount(1, 1, 2, 0, 0, 2L * SrtPacket.HEADER_BYTES + controlBytes + 3));
    assertThat(account.againShare()).isEqualTo(1);
    line.close();
  }

  @Test
  void aFullLineDropsAndSaysSo() {
    DelayLine line = line(0, 1_000_000, 1);
    for (int i = 0; i < 20_000; i++) {
      line.accept(packet(i));
    }
    assertThat(line.account().overflowed()).isEqualTo(20_000 - 16_384);
    line.close();
    line.accept(packet(0));
    assertThat(line.account().overflowed()).isEqualTo(20_000 - 16_384 + 1);
  }

  @Test
  void impossibleImpairmentsAreRefused() {
    assertThatThrownBy(() -> new Impairment(1, 0, 0)).hasMessageContaining("loss of 1.0");
    assertThatThrownBy(() -> new Impairment(Double.NaN, 0, 0)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new Impairment(0, -1, 0)).hasMessageContaining("delay of -1");
  }
}
