package io.millrace.loadtest.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.loadtest.srt.ArrivalCounter.Arrivals;
import io.millrace.loadtest.srt.SrtReceiver.SessionLine;
import io.millrace.transport.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The SRT load test's parts, and a whole short measurement of each kind without libsrt. */
@Timeout(120)
class SrtLoadTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Loops loops = Loops.open(2, "srt-load-test");
  private final EventLoop loop = (EventLoop) loops.group().next();

  @TempDir Path directory;

  @AfterEach
  void stop() throws Exception {
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  @Test
  void relayLosesBothWaysAndKeepsAccount() throws Exception {
    try (ArrivalCounter counter = new ArrivalCounter(loop);
        LossyRelay relay = LossyRelay.open(loop, Udp.loopback(counter.port()), 0.2, 10_000, 3)) {
      relay.lossy(true);
      Channel sender = Udp.connect(loop, relay.address(), new ChannelInboundHandlerAdapter());
      PayloadFeed feed =
          new PayloadFeed(loop, 20_000_000, List.of(payload -> sender.writeAndFlush(payload)));
      feed.start();
      await(() -> counter.received() >= 800);
      feed.close();
      await(() -> relay.forth().first() == feed.sent());
      RelayAccount account = relay.forth();
      await(() -> counter.received() == feed.sent() - account.lost());
      Arrivals arrivals = counter.arrivals(0, feed.sent());
      assertThat(arrivals.missing()).isEqualTo(account.lost());
      assertThat((double) account.lost() / feed.sent()).isBetween(0.12, 0.28);
      assertThat(account.overflowed()).isZero();
      assertThat(arrivals.disordered()).isZero();
      assertThat(arrivals.latencyUs().quantile(0.01)).isGreaterThanOrEqualTo(5_000);
      assertThat(relay.lateness().count()).isEqualTo(arrivals.latencyUs().count());
      sender.close();
    }
  }

  @Test
  void receiverChecksAndCountsWhatOurSenderSends() throws Exception {
    try (ReceiverProcess receiver = ReceiverProcess.start(directory, 1, List.of());
        SenderLeg sender =
            SenderLeg.open(
                SenderKind.MILLRACE,
                new LiveTransmit(""),
                directory,
                loop,
                receiver.address(),
                "test-1",
                60)) {
      PayloadFeed feed = new PayloadFeed(loop, 5_000_000, List.of(sender.way()));
      feed.start();
      await(() -> feed.sent() >= 200);
      feed.close();
      sender.close();
      await(() -> !receiver.ended().isEmpty());
      assertThat(receiver.ended())
          .containsExactly(new SessionLine("test-1", feed.sent(), 0, 0, "CLEAN"));
    }
  }

  @Test
  void receiverPassesOnByUdp() throws Exception {
    try (ReceiverProcess receiver = ReceiverProcess.start(directory, 1, List.of());
        ArrivalCounter counter = new ArrivalCounter(loop);
        LossyRelay relay = LossyRelay.open(loop, receiver.address(), 0.1, 4_000, 5);
        SenderLeg sender =
            SenderLeg.open(
                SenderKind.MILLRACE,
                new LiveTransmit(""),
                directory,
                loop,
                relay.address(),
                Integer.toString(counter.port()),
                500)) {
      PayloadFeed feed = new PayloadFeed(loop, 5_000_000, List.of(sender.way()));
      feed.start();
      await(() -> counter.received() > 0);
      relay.lossy(true);
      long from = feed.sent();
      await(() -> feed.sent() >= from + 500);
      long to = feed.sent();
      relay.lossy(false);
      await(() -> counter.arrivals(to, to + 1).missing() == 0);
      feed.close();
      Arrivals arrivals = counter.arrivals(from, to);
      assertThat(relay.forth().lost()).isPositive();
      assertThat(relay.forth().againShare()).isPositive();
      assertThat(arrivals.missing()).isZero();
      assertThat(arrivals.latencyUs().quantile(0.5)).isGreaterThan(500_000);
    }
  }

  @Test
  void payloadSaysItsNumberAndTime() {
    ByteBuf payload = NumberedPayload.write(UnpooledByteBufAllocator.DEFAULT, 1L << 40, -5);
    assertThat(payload.readableBytes()).isEqualTo(1316);
    assertThat(NumberedPayload.isOne(payload)).isTrue();
    assertThat(NumberedPayload.number(payload)).isEqualTo(1L << 40);
    assertThat(NumberedPayload.sentNs(payload)).isEqualTo(-5);
    payload.setByte(0, 0x47);
    assertThat(NumberedPayload.isOne(payload)).isFalse();
    payload.release();
  }

  @Test
  void sessionLineReadsWhatItWrites() {
    SessionLine line = new SessionLine("load-7", 12, 3, 1, "TIMEOUT");
    assertThat(SessionLine.parse(line.toString())).isEqualTo(line);
    assertThat(SessionLine.parse("listening 1234")).isNull();
    assertThat(SessionLine.parse("")).isNull();
  }

  @Test
  void spreadKnowsQuantiles() {
    Spread spread = new Spread(new long[] {5, 1, 4, 2, 3, 99}, 5);
    assertThat(spread.count()).isEqualTo(5);
    assertThat(spread.quantile(0.5)).isEqualTo(3);
    assertThat(spread.quantile(0.2)).isEqualTo(1);
    assertThat(spread.quantile(0.21)).isEqualTo(2);
    assertThat(spread.max()).isEqualTo(5);
    assertThat(new Spread(new long[0], 0).max()).isZero();
  }

  @Test
  void cellsHaveTheLatencyOfTheirLoss() {
    assertThat(new LossCell(7, 100, LossCell.usualLatencyRtts(7)).latencyMs()).isEqualTo(500);
    assertThat(List.of(0, 1, 2, 3, 7, 10).stream().map(LossCell::usualLatencyRtts))
        .containsExactly(3, 3, 4, 4, 5, 6);
    assertThatThrownBy(() -> new LossCell(100, 20, 3)).hasMessageContaining("loss of 100");
    assertThatThrownBy(() -> new LossCell(1, 2_000, 6)).hasMessageContaining("latency of 6");
  }

  private interface Question {
    boolean ask() throws Exception;
  }

  private static void await(Question question) throws Exception {
    long deadlineNs = System.nanoTime() + LIMIT.toNanos();
    while (!question.ask()) {
      assertThat(System.nanoTime() - deadlineNs).as("not within " + LIMIT).isNegative();
      LockSupport.parkNanos(5_000_000);
    }
  }
}
