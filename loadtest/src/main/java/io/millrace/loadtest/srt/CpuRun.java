package io.millrace.loadtest.srt;

import io.millrace.loadtest.bench.MachineLoad;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.loadtest.process.ManagedProcess;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What it costs to receive some streams and to drop them: Millrace's listener in one JVM, {@code
 * srt-live-transmit} in a process a stream, fed by the same kind of sender at the same instants.
 */
final class CpuRun {
  /** Enough for 12 Mbit/s to come twice; the round trip of a link that loses. */
  private static final int RTT_MS = 20;

  private static final int LATENCY_MS = 120;

  /** Numbered, not digits alone: {@link SrtReceiver} drops it. */
  private static final String STREAM = "cpu-";

  /**
   * What is received.
   *
   * @param lossPercent over a relay with a round trip of 20 ms; 0 goes directly
   * @param streams of this kind at once, to each receiver
   */
  record Load(int kbps, double lossPercent, int streams) {}

  /**
   * What was measured in a window.
   *
   * @param millraceCpuS of the receiving process
   * @param libsrtCpuS of the receiving processes together
   * @param megabits of payload sent to each
   * @param libsrtResidentKib together
   * @param machineBusy busy share of all CPUs, everybody's work counted, 0 to 1
   */
  record Result(
      Load load,
      double millraceCpuS,
      double libsrtCpuS,
      double megabits,
      long millraceResidentKib,
      long libsrtResidentKib,
      double machineBusy) {
    double millraceMsPerMbit() {
      return millraceCpuS * 1e3 / megabits;
    }

    double libsrtMsPerMbit() {
      return libsrtCpuS * 1e3 / megabits;
    }
  }

  private final Load load;
  private final SenderKind senders;
  private final LiveTransmit libsrt;
  private final Path directory;
  private final EventLoop relayLoop;
  private final EventLoop feedLoop;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<PayloadFeed> feeds = new ArrayList<>();
  private final List<ManagedProcess> listeners = new ArrayList<>();

  CpuRun(
      Load load,
      SenderKind senders,
      LiveTransmit libsrt,
      Path directory,
      EventLoop relayLoop,
      EventLoop feedLoop) {
    this.load = load;
    this.senders = senders;
    this.libsrt = libsrt;
    this.directory = directory;
    this.relayLoop = relayLoop;
    this.feedLoop = feedLoop;
  }

  /**
   * Measures once.
   *
   * @param receiver borrowed; as it was left by the runs before
   */
  Result run(ReceiverProcess receiver, Duration warmUp, Duration window)
      throws IOException, InterruptedException {
    try {
      for (int i = 0; i < load.streams; i++) {
        startStream(receiver, i);
      }
      feeds.forEach(PayloadFeed::start);
      TimeUnit.MILLISECONDS.sleep(warmUp.toMillis());
      return measure(receiver, window);
    } finally {
      close();
    }
  }

  private void startStream(ReceiverProcess receiver, int index)
      throws IOException, InterruptedException {
    int port = Udp.freePort(relayLoop);
    listeners.add(libsrt.receiverToNull(directory, port, LATENCY_MS));
    SenderLeg own = sender(index, receiver.address().getPort());
    SenderLeg theirs = sender(index, port);
    PayloadFeed feed =
        new PayloadFeed(feedLoop, load.kbps * 1_000L, List.of(own.way(), theirs.way()));
    feeds.add(feed);
    open.add(feed);
  }

  private SenderLeg sender(int index, int listenerPort) throws IOException, InterruptedException {
    int port = listenerPort;
    if (load.lossPercent > 0) {
      LossyRelay relay =
          LossyRelay.open(
              relayLoop, Udp.loopback(port), load.lossPercent / 100, RTT_MS * 1_000L, index);
      relay.lossy(true);
      open.add(relay);
      port = relay.address().getPort();
    }
    SenderLeg leg =
        SenderLeg.open(
            senders, libsrt, directory, feedLoop, Udp.loopback(port), STREAM + index, LATENCY_MS);
    open.add(leg);
    return leg;
  }

  private Result measure(ReceiverProcess receiver, Duration window) throws InterruptedException {
    MachineLoad loadBefore = MachineLoad.now();
    long sentBefore = sent();
    double ownBeforeS = cpuS(receiver.pid());
    double theirsBeforeS = listenersCpuS();
    TimeUnit.MILLISECONDS.sleep(window.toMillis());
    double ownS = cpuS(receiver.pid()) - ownBeforeS;
    double theirsS = listenersCpuS() - theirsBeforeS;
    return new Result(
        load,
        ownS,
        theirsS,
        (sent() - sentBefore) * NumberedPayload.BYTES * 8 / 1e6,
        ProcessUsage.ofTree(receiver.pid()).residentKib(),
        listeners.stream().mapToLong(l -> ProcessUsage.ofTree(l.pid()).residentKib()).sum(),
        MachineLoad.now().busySince(loadBefore));
  }

  private long sent() {
    return feeds.stream().mapToLong(PayloadFeed::sent).sum();
  }

  private double listenersCpuS() {
    return listeners.stream().mapToDouble(listener -> cpuS(listener.pid())).sum();
  }

  private static double cpuS(long pid) {
    return (double) ProcessUsage.ofTree(pid).cpuTicks() / ProcStat.TICKS_PER_SECOND;
  }

  private void close() throws IOException {
    for (AutoCloseable each : open.reversed()) {
      try {
        each.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
    listeners.forEach(ManagedProcess::close);
  }
}
