package io.millrace.loadtest.throughput;

import io.millrace.loadtest.bench.MachineLoad;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import java.io.IOException;

/**
 * What one run cost the server.
 *
 * @param cpuS user and system time of its processes
 * @param wallS from start to end
 * @param amount what was delivered in it: bytes, or handshakes
 * @param busy share of the whole machine that was in use by everybody
 */
record Cost(double cpuS, double wallS, long amount, double busy) {
  private static final double GIB = 1L << 30;

  /** A run; returns what was delivered in it. */
  interface Run {
    long deliver() throws IOException, InterruptedException;
  }

  static Cost of(long pid, Run run) throws IOException, InterruptedException {
    MachineLoad load = MachineLoad.now();
    long ticks = ProcessUsage.ofTree(pid).cpuTicks();
    long startNs = System.nanoTime();
    long amount = run.deliver();
    double wallS = (System.nanoTime() - startNs) / 1e9;
    double cpuS =
        (double) (ProcessUsage.ofTree(pid).cpuTicks() - ticks) / ProcStat.TICKS_PER_SECOND;
    return new Cost(cpuS, wallS, amount, MachineLoad.now().busySince(load));
  }

  double cpuSPerGib() {
    return cpuS * GIB / amount;
  }

  double perCpuS() {
    return amount / cpuS;
  }
}
