package io.millrace.transport.srt.flow;

import org.junit.jupiter.api.Test;

final class ResidualLossTest {
  @Test
  void table() {
    for (boolean thrifty : new boolean[] {true, false}) {
      for (double loss : new double[] {0.01, 0.03, 0.07, 0.1}) {
        for (long rttUs : new long[] {20_000, 100_000, 300_000}) {
          StringBuilder line = new StringBuilder(thrifty + " " + loss + " rtt " + rttUs / 1000);
          for (int k = 3; k <= 6; k++) {
            Simulation.Plan plan =
                new Simulation.Plan().bothWays(LinkConditions.clean(rttUs / 2).withLoss(loss));
            plan.latencyUs = k * rttUs;
            plan.thriftyPeer = thrifty;
            plan.timerTickUs = 1000;
            try (Simulation s = new Simulation(plan)) {
              s.run(60_000_000).finish();
              SrtStatistics t = s.sentStatistics();
              line.append(
                  String.format(
                      "  %dx: %d (%.5f%%) rex %.3f%% nak %d",
                      k,
                      s.missing(),
                      100 * s.residualLoss(),
                      100.0 * t.pktRetrans() / t.pktSentUnique(),
                      s.received().pktSentNAK()));
            }
          }
          System.out.println(line);
        }
      }
    }
  }
}
