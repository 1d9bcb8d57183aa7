package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.srt.wire.SequenceNumber;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Delivery over networks of every kind. That what is delivered is whole, in order, never twice and
 * on time is checked by {@link Simulation}.
 */
final class DeliveryTest {
  private static final long SECOND_US = 1_000_000;

  static LongStream seeds() {
    Long seed = Long.getLong("millrace.seed");
    return seed == null ? LongStream.rangeClosed(1, 40) : LongStream.of(seed);
  }

  @Test
  void everythingArrivesAtItsTimeOnACleanNetwork() {
    Simulation.Plan plan = new Simulation.Plan();
    plan.timeToleranceUs = 100;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(60 * SECOND_US).finish();
      assertThat(simulation.missing()).isZero();
      SrtStatistics received = simulation.received();
      assertThat(received.pktRecv()).isEqualTo(simulation.sent());
      assertThat(received.pktRcvLoss()).isZero();
      assertThat(received.pktSentNAK()).isZero();
      assertThat(simulation.sentStatistics().pktRetrans()).isZero();
      assertThat(received.msRTT()).isBetween(19.9, 20.1);
    }
  }

  /** Any mixture of loss, bursts, jitter, reordering, duplication and skew. */
  @ParameterizedTest
  @MethodSource("seeds")
  void anyNetwork(long seed) {
    RandomGenerator random = new Random(seed);
    Simulation.Plan plan = new Simulation.Plan();
    plan.seed = seed;
    plan.forth = anyLink(random);
    plan.back = anyLink(random);
    plan.latencyUs = random.nextLong(20_000, 2_000_000);
    plan.firstSequence = random.nextInt(SequenceNumber.MAX);
    plan.packetIntervalUs = random.nextLong(500, 20_000);
    plan.packetsAtOnce = random.nextInt(1, 20);
    plan.senderAgeUs = random.nextLong(1L << 33);
    plan.senderSkewPpm = random.nextInt(-200, 200);
    plan.receiverSkewPpm = random.nextInt(-200, 200);
    plan.timerTickUs = random.nextBoolean() ? 0 : 10_000;
    plan.reorderPackets = random.nextBoolean() ? 0 : 16;
    plan.thriftyPeer = random.nextBoolean();
    plan.windowPackets = random.nextBoolean() ? 8_192 : 2_048;
    plan.checksTime = false;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(20 * SECOND_US).finish();
      assertThat(simulation.receiver.delivered)
          .as("delivered" + simulation.describe())
          .isGreaterThan((int) (simulation.sent() / 3));
      SrtStatistics received = simulation.received();
      assertThat(received.pktRcvBuf()).isZero();
      assertThat(received.byteRcvBuf()).isZero();
      assertThat(received.pktRcvInvalid()).as("invalid" + simulation.describe()).isZero();
      assertThat(simulation.sentStatistics().pktRcvInvalid())
          .as("invalid" + simulation.describe())
          .isZero();
      assertThat(received.pktRecvUnique()).isEqualTo(simulation.receiver.delivered);
      assertThat(received.pktRecv())
          .isEqualTo(
              received.pktRecvUnique()
                  + received.pktRcvDuplicate()
                  + received.pktRcvBelated()
                  + received.pktRcvOutOfWindow());
    }
  }

  private static LinkConditions anyLink(RandomGenerator random) {
    return new LinkConditions(
        random.nextInt(3) == 0 ? 0 : random.nextDouble(0.12),
        random.nextInt(3) == 0 ? random.nextDouble(1, 8) : 1,
        random.nextLong(1_000, 150_000),
        random.nextLong(30_000),
        random.nextBoolean(),
        random.nextInt(3) == 0 ? random.nextDouble(0.1) : 0,
        0,
        0);
  }

  @Test
  void sequenceNumbersWrap() {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(10_000).withLoss(0.03));
    plan.firstSequence = SequenceNumber.MAX - 1_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(20 * SECOND_US).finish();
      assertThat(simulation.missing()).as("missing" + simulation.describe()).isZero();
    }
  }

  /** After 71.6 minutes; here a second after the start, with packets around it sent again. */
  @Test
  void timestampsWrap() {
    Simulation.Plan plan =
        new Simulation.Plan()
            .bothWays(LinkConditions.clean(10_000).withLoss(0.05).withJitter(20_000, true));
    plan.senderAgeUs = (1L << 32) - SECOND_US;
    plan.latencyUs = 300_000;
    plan.timeToleranceUs = 25_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(20 * SECOND_US).finish();
      assertThat(simulation.missing()).as("missing" + simulation.describe()).isZero();
    }
  }

  @Test
  void timestampsWrapWhileNothingIsSent() {
    Simulation.Plan plan = new Simulation.Plan();
    plan.senderAgeUs = (1L << 32) - 2 * SECOND_US;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(SECOND_US);
      simulation.stopSending();
      simulation.run(3_600 * SECOND_US);
      simulation.startSending();
      simulation.run(SECOND_US).finish();
      assertThat(simulation.missing()).isZero();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {200, -200})
  void clocksThatDifferAreFollowedForADay(long skewPpm) {
    Simulation.Plan plan = new Simulation.Plan();
    plan.senderSkewPpm = skewPpm / 2;
    plan.receiverSkewPpm = skewPpm / 2 - skewPpm;
    plan.packetIntervalUs = 500_000;
    plan.timeToleranceUs = 6_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(24 * 3_600 * SECOND_US).finish();
      assertThat(simulation.missing()).isZero();
      assertThat(Math.abs(simulation.received().usDrift())).isGreaterThan(17_000_000);
    }
  }

  @Test
  void jitterThatReordersLosesNothing() {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(30_000).withJitter(40_000, true));
    plan.latencyUs = 250_000;
    plan.timeToleranceUs = 40_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(30 * SECOND_US).finish();
      assertThat(simulation.missing()).as("missing" + simulation.describe()).isZero();
      assertThat(simulation.received().pktReorderDistance()).isPositive();
    }
  }

  @Test
  void reorderingThatIsToleratedIsReportedLess() {
    long reported = reportsWithTolerance(0);
    long tolerated = reportsWithTolerance(20);
    assertThat(tolerated).isLessThan(reported / 2);
  }

  private static long reportsWithTolerance(int packets) {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(80_000).withJitter(15_000, true));
    plan.latencyUs = 500_000;
    plan.reorderPackets = packets;
    plan.timeToleranceUs = 20_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(30 * SECOND_US).finish();
      assertThat(simulation.missing()).isZero();
      return simulation.received().pktSentNAK();
    }
  }

  @Test
  void duplicatesAreDeliveredOnce() {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(10_000).withDuplication(0.5));
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(10 * SECOND_US).finish();
      assertThat(simulation.missing()).isZero();
      assertThat(simulation.received().pktRcvDuplicate()).isGreaterThan(simulation.sent() / 3);
      assertThat(simulation.received().pktRcvInvalid()).isZero();
    }
  }

  @Test
  void burstsOfLossAreMadeGood() {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(50_000).withBurstLoss(0.03, 12));
    plan.latencyUs = 600_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(60 * SECOND_US).finish();
      assertThat(simulation.residualLoss()).as("residual" + simulation.describe()).isLessThan(2e-3);
    }
  }

  @Test
  void anOutageShorterThanTheLatencyIsMadeGood() {
    Simulation.Plan plan = new Simulation.Plan().bothWays(LinkConditions.clean(50_000));
    plan.latencyUs = 1_000_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(10 * SECOND_US);
      outage(simulation, 500_000, LinkConditions.clean(50_000));
      simulation.run(5 * SECOND_US).finish();
      assertThat(simulation.missing()).as("missing" + simulation.describe()).isZero();
      assertThat(simulation.received().pktRcvLoss()).isGreaterThan(80);
    }
  }

  /** Four seconds at 42 Mbit/s are more packets than the window of 2,048. */
  @Test
  void anOutageLongerThanTheWindowIsSurvived() {
    Simulation.Plan plan = new Simulation.Plan();
    plan.packetIntervalUs = 250;
    plan.windowPackets = 2_048;
    plan.timeToleranceUs = 1_100_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(5 * SECOND_US);
      outage(simulation, 4 * SECOND_US, LinkConditions.clean(10_000));
      long before = simulation.receiver.delivered;
      simulation.run(5 * SECOND_US).finish();
      assertThat(simulation.receiver.end).isNull();
      assertThat(simulation.receiver.delivered - before)
          .as("delivered after the outage" + simulation.describe())
          .isGreaterThan(4 * 4_000);
    }
  }

  private static void outage(Simulation simulation, long forUs, LinkConditions after) {
    simulation.forth().conditions(after.withLoss(1));
    simulation.back().conditions(after.withLoss(1));
    simulation.run(forUs);
    simulation.forth().conditions(after);
    simulation.back().conditions(after);
  }

  /** The last packets of a stream have no successor by which the receiver could miss them. */
  @Test
  void theTailIsMadeGood() {
    for (int lost = 1; lost <= 5; lost++) {
      Simulation.Plan plan = new Simulation.Plan().bothWays(LinkConditions.clean(25_000));
      plan.latencyUs = 400_000;
      plan.timeToleranceUs = 400_000;
      try (Simulation simulation = new Simulation(plan)) {
        simulation.run(2 * SECOND_US);
        simulation.forth().conditions(LinkConditions.clean(25_000).withLoss(1));
        simulation.run(lost * plan.packetIntervalUs);
        simulation.stopSending();
        simulation.forth().conditions(LinkConditions.clean(25_000));
        simulation.finish();
        assertThat(simulation.missing()).as("with a tail of " + lost).isZero();
      }
    }
  }

  @Test
  void everythingArrivesInTheEndWithoutTooLateDrop() {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(100_000).withLoss(0.2));
    plan.latencyUs = 50_000;
    plan.tooLateDrop = false;
    plan.checksTime = false;
    plan.packetIntervalUs = 20_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(30 * SECOND_US).finish();
      simulation.run(30 * SECOND_US);
      assertThat(simulation.missing()).as("missing" + simulation.describe()).isZero();
    }
  }

  /** Key frames of 90 packets at once must pass a link that is a third faster than the stream. */
  @Test
  void burstsOfInputAreSmoothed() {
    Simulation.Plan plan = new Simulation.Plan();
    plan.packetsAtOnce = 90;
    plan.packetIntervalUs = 5_264;
    plan.latencyUs = 1_000_000;
    plan.forth = LinkConditions.clean(10_000).withRate(2_000_000, 60_000);
    plan.timeToleranceUs = 1_000_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(30 * SECOND_US).finish();
      assertThat(simulation.missing()).isZero();
      assertThat(simulation.received().pktRcvLoss())
          .as("overflowed the queue after the first half second, which is not paced")
          .isLessThan(100);
    }
  }

  @Test
  void whatIsSentAgainStaysWithinTheOverhead() {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(20_000).withLoss(0.6));
    plan.latencyUs = 300_000;
    plan.timeToleranceUs = 400_000;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(60 * SECOND_US).finish();
      SrtStatistics sender = simulation.sentStatistics();
      double again = (double) sender.byteRetrans() / sender.byteSentUnique();
      assertThat(again).as("overhead" + simulation.describe()).isBetween(0.2, 0.27);
    }
  }

  @Test
  void replaysFromItsSeed() {
    assertThat(run(7)).isEqualTo(run(7)).isNotEqualTo(run(8));
  }

  private static SrtStatistics run(long seed) {
    Simulation.Plan plan =
        new Simulation.Plan().bothWays(LinkConditions.clean(10_000).withLoss(0.05));
    plan.seed = seed;
    try (Simulation simulation = new Simulation(plan)) {
      return simulation.run(5 * SECOND_US).finish().received();
    }
  }
}
