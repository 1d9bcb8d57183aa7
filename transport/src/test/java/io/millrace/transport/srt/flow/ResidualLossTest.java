package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What is lost for good where packets are lost at random in both directions, a minute of 2 Mbit/s a
 * case.
 *
 * <p>With a latency of k round trips a packet and k − 1 answers to loss reports can all be lost:
 * p^k if no report ever were. So is the bound; a packet or two more is chance.
 */
final class ResidualLossTest {
  private record Case(int lossPercent, int rttMs, int latencyRtts) {
    @Override
    public String toString() {
      return lossPercent + " % loss, " + rttMs + " ms round trip, latency of " + latencyRtts;
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int lossPercent : new int[] {1, 3, 7, 10}) {
      for (int rttMs : new int[] {20, 100, 300}) {
        for (int latencyRtts = 3; latencyRtts <= 6; latencyRtts++) {
          cases.add(new Case(lossPercent, rttMs, latencyRtts));
        }
      }
    }
    return cases.stream();
  }

  private static Simulation.Plan plan(Case c) {
    LinkConditions link = LinkConditions.clean(c.rttMs * 500L).withLoss(c.lossPercent / 100.0);
    Simulation.Plan plan = new Simulation.Plan().bothWays(link);
    plan.latencyUs = c.latencyRtts * c.rttMs * 1_000L;
    plan.timerTickUs = 1_000;
    return plan;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void residualLossIsThatOfEveryAnswerLost(Case c) {
    try (Simulation simulation = new Simulation(plan(c))) {
      simulation.run(60_000_000).finish();
      double expected = simulation.sent() * Math.pow(c.lossPercent / 100.0, c.latencyRtts);
      assertThat(simulation.missing())
          .as("packets lost for good" + simulation.describe())
          .isLessThanOrEqualTo(Math.round(1.5 + 1.5 * expected));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void littleMoreIsSentAgainThanWasLost(Case c) {
    try (Simulation simulation = new Simulation(plan(c))) {
      simulation.run(60_000_000).finish();
      SrtStatistics sender = simulation.sentStatistics();
      assertThat((double) sender.pktRetrans() / sender.pktSentUnique())
          .as("sent again" + simulation.describe())
          .isLessThan(1.35 * c.lossPercent / 100);
      assertThat(simulation.back().sentBytes())
          .as("reports and acknowledgements" + simulation.describe())
          .isLessThan(simulation.forth().sentBytes() / 20);
    }
  }

  /** As libsrt before 1.4.4, which sends a packet again each time it is asked. */
  @ParameterizedTest
  @MethodSource("cases")
  void residualLossStaysSmallWithPeriodicReportsAlone(Case c) {
    Simulation.Plan plan = plan(c);
    plan.thriftyPeer = false;
    try (Simulation simulation = new Simulation(plan)) {
      simulation.run(60_000_000).finish();
      double expected = simulation.sent() * Math.pow(c.lossPercent / 100.0, c.latencyRtts);
      assertThat(simulation.missing())
          .as("packets lost for good" + simulation.describe())
          .isLessThanOrEqualTo(Math.round(4 + 2 * expected));
    }
  }
}
