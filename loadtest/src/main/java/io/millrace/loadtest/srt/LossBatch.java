package io.millrace.loadtest.srt;

import io.millrace.loadtest.bench.MachineLoad;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.loadtest.process.ManagedProcess;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Some cells at once, each with both receivers, fed at the same instants and with the same dice:
 *
 * <pre>
 *   0          settle        measured                      tail    latency + 1 s
 *   connect ───────────►│ loss begins ───────────────────│───────│─────────────► count
 * </pre>
 *
 * The tail is sent under loss too, so that the last packets measured have as many behind them as
 * the first.
 */
final class LossBatch implements AutoCloseable {
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(20);
  private static final Duration SETTLE = Duration.ofSeconds(3);
  private static final Duration TAIL = Duration.ofSeconds(3);
  private static final long POLL_MS = 20;

  /**
   * What stays the same over batches.
   *
   * @param relayLoop does nothing but relay
   * @param feedLoop sends and counts
   */
  record Setup(
      LiveTransmit libsrt,
      SenderKind senders,
      long bitsPerSecond,
      Duration length,
      long seed,
      Path directory,
      EventLoop relayLoop,
      EventLoop feedLoop) {}

  /** One cell's outcome. */
  record CellResult(LossCell cell, LossLeg.Result millrace, LossLeg.Result libsrt) {}

  /**
   * A batch's outcome.
   *
   * @param millraceCpuS of the one process that took all cells
   * @param libsrtCpuS of the processes, one a cell, together
   * @param megabits that either side was sent, payload only
   * @param machineBusy busy share of all CPUs, everybody's work counted, 0 to 1
   */
  record Result(
      List<CellResult> cells,
      double millraceCpuS,
      double libsrtCpuS,
      double megabits,
      double machineBusy) {}

  private record Pair(LossCell cell, LossLeg millrace, LossLeg libsrt, PayloadFeed feed) {}

  private final Setup setup;
  private final ReceiverProcess receiver;
  private final List<Pair> pairs = new ArrayList<>();
  private final List<ManagedProcess> listeners = new ArrayList<>();

  /**
   * @param receiver borrowed
   */
  LossBatch(Setup setup, ReceiverProcess receiver) {
    this.setup = setup;
    this.receiver = receiver;
  }

  /** Runs the cells once. */
  Result run(List<LossCell> cells) throws IOException, InterruptedException {
    for (LossCell cell : cells) {
      pairs.add(pair(cell, setup.seed + pairs.size()));
    }
    pairs.forEach(pair -> pair.feed.start());
    awaitFlow();
    TimeUnit.MILLISECONDS.sleep(SETTLE.toMillis());
    return measure();
  }

  private Pair pair(LossCell cell, long seed) throws IOException, InterruptedException {
    ArrivalCounter own = new ArrivalCounter(setup.feedLoop);
    LossLeg millrace =
        leg(cell, seed, own, Integer.toString(own.port()), receiver.address(), () -> {});
    ArrivalCounter theirs = new ArrivalCounter(setup.feedLoop);
    int port = Udp.freePort(setup.relayLoop);
    ManagedProcess listener =
        setup.libsrt.receiverToUdp(setup.directory, port, theirs.port(), cell.latencyMs());
    listeners.add(listener);
    LossLeg libsrt =
        leg(
            cell,
            seed,
            theirs,
            Integer.toString(theirs.port()),
            Udp.loopback(port),
            listener::close);
    PayloadFeed feed =
        new PayloadFeed(
            setup.feedLoop,
            setup.bitsPerSecond,
            List.of(millrace.sender().way(), libsrt.sender().way()));
    return new Pair(cell, millrace, libsrt, feed);
  }

  private LossLeg leg(
      LossCell cell,
      long seed,
      ArrivalCounter counter,
      String stream,
      InetSocketAddress listener,
      Runnable stopReceiver)
      throws IOException, InterruptedException {
    LossyRelay relay =
        LossyRelay.open(
            setup.relayLoop, listener, cell.lossPercent() / 100, cell.rttMs() * 1_000L, seed);
    SenderLeg sender =
        SenderLeg.open(
            setup.senders,
            setup.libsrt,
            setup.directory,
            setup.feedLoop,
            relay.address(),
            stream,
            cell.latencyMs());
    return new LossLeg(counter, relay, sender, stopReceiver);
  }

  private void awaitFlow() throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + CONNECT_LIMIT.toNanos();
    for (Pair pair : pairs) {
      for (LossLeg leg : List.of(pair.millrace, pair.libsrt)) {
        while (leg.counter().received() == 0) {
          if (System.nanoTime() - deadlineNs > 0) {
            throw new IOException("nothing arrives, " + pair.cell + ": " + receiver.tail());
          }
          TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
      }
    }
  }

  private Result measure() throws IOException, InterruptedException {
    lossy(true);
    MachineLoad loadBefore = MachineLoad.now();
    double ownCpuS = cpuS(receiver.pid());
    double theirCpuS = listenersCpuS();
    long[] from = numbers();
    List<LossLeg.Mark> starts = marks();
    TimeUnit.MILLISECONDS.sleep(setup.length.toMillis());
    long[] to = numbers();
    List<LossLeg.Mark> ends = marks();
    ownCpuS = cpuS(receiver.pid()) - ownCpuS;
    theirCpuS = listenersCpuS() - theirCpuS;
    double busy = MachineLoad.now().busySince(loadBefore);
    TimeUnit.MILLISECONDS.sleep(TAIL.toMillis());
    pairs.forEach(pair -> pair.feed.close());
    lossy(false);
    long latencyMs = pairs.stream().mapToLong(pair -> pair.cell.latencyMs()).max().orElse(0);
    TimeUnit.MILLISECONDS.sleep(latencyMs + 1_000);

    List<CellResult> cells = new ArrayList<>();
    long payloads = 0;
    for (int i = 0; i < pairs.size(); i++) {
      Pair pair = pairs.get(i);
      pair.millrace.requireNoOverflow();
      pair.libsrt.requireNoOverflow();
      payloads += to[i] - from[i];
      cells.add(
          new CellResult(
              pair.cell,
              pair.millrace.result(from[i], to[i], starts.get(2 * i), ends.get(2 * i)),
              pair.libsrt.result(from[i], to[i], starts.get(2 * i + 1), ends.get(2 * i + 1))));
    }
    double megabits = payloads * NumberedPayload.BYTES * 8 / 1e6;
    return new Result(List.copyOf(cells), ownCpuS, theirCpuS, megabits, busy);
  }

  private void lossy(boolean lossy) {
    for (Pair pair : pairs) {
      pair.millrace.relay().lossy(lossy);
      pair.libsrt.relay().lossy(lossy);
    }
  }

  private long[] numbers() {
    return pairs.stream().mapToLong(pair -> pair.feed.sent()).toArray();
  }

  private List<LossLeg.Mark> marks() {
    return pairs.stream()
        .flatMap(pair -> List.of(pair.millrace, pair.libsrt).stream())
        .map(LossLeg::mark)
        .toList();
  }

  private double listenersCpuS() {
    return listeners.stream().mapToDouble(listener -> cpuS(listener.pid())).sum();
  }

  private static double cpuS(long pid) {
    return (double) ProcessUsage.ofTree(pid).cpuTicks() / ProcStat.TICKS_PER_SECOND;
  }

  @Override
  public void close() {
    for (Pair pair : pairs) {
      pair.feed.close();
      pair.millrace.close();
      pair.libsrt.close();
    }
    listeners.forEach(ManagedProcess::close);
  }
}
