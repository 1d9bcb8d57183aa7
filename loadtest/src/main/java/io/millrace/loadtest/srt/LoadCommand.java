package io.millrace.loadtest.srt;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MachineLoad;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.loadtest.process.Directories;
import io.millrace.loadtest.srt.SrtReceiver.SessionLine;
import io.millrace.transport.Loops;
import io.millrace.transport.srt.SrtCall;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Many connections into one port at once, with Millrace's own senders. */
@Command(
    name = "load",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Many SRT connections into one port; exit code 1 when anything was dropped.")
final class LoadCommand implements Callable<Integer> {
  private static final int LATENCY_MS = 120;
  private static final int WARM_UP_S = 5;
  private static final long POLL_MS = 50;
  private static final int END_LIMIT_S = 20;

  @Option(names = "--connections", defaultValue = "200", description = "default ${DEFAULT-VALUE}")
  private int connections;

  @Option(names = "--kbps", defaultValue = "2000", description = "default ${DEFAULT-VALUE}")
  private int kbps;

  @Option(names = "--seconds", defaultValue = "60", description = "default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--warm-up",
      defaultValue = "" + WARM_UP_S,
      description = "seconds before it is measured; default ${DEFAULT-VALUE}")
  private int warmUpS;

  @Option(
      names = "--latency",
      defaultValue = "" + LATENCY_MS,
      description = "ms; default ${DEFAULT-VALUE}")
  private int latencyMs;

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "event loops on either side; default ${DEFAULT-VALUE}")
  private int threads;

  @Option(names = "--jvm", description = "a flag for the receiver, may be repeated")
  private List<String> jvmFlags = new ArrayList<>();

  @Option(
      names = "--burst",
      defaultValue = "0",
      description = "ms: what falls due within is sent at once; default ${DEFAULT-VALUE}")
  private int burstMs;

  @Option(
      names = "--listen",
      defaultValue = "127.0.0.1",
      description = "address of the receiver; default ${DEFAULT-VALUE}")
  private InetAddress listen = InetAddress.getLoopbackAddress();

  @Option(
      names = "--receiver-prefix",
      split = " ",
      description = "words in front of the receiver's command, such as \"ip netns exec NAME\"")
  private List<String> receiverPrefix = List.of();

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  private final List<SrtCall> calls = new ArrayList<>();
  private final List<PayloadFeed> feeds = new ArrayList<>();

  /** CPU time of both sides and everything sent, at one instant. */
  private record Mark(double receiverS, double senderS, long sent, MachineLoad load, long atNs) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("millrace-srt");
    Loops loops = Loops.open(threads, "senders");
    try (ReceiverProcess receiver =
        ReceiverProcess.start(directory, threads, jvmFlags, receiverPrefix, listen)) {
      connect(loops, receiver);
      feeds.forEach(PayloadFeed::start);
      TimeUnit.SECONDS.sleep(warmUpS);
      Mark start = mark(receiver);
      TimeUnit.SECONDS.sleep(seconds);
      Mark end = mark(receiver);
      long residentKib = ProcessUsage.ofTree(receiver.pid()).residentKib();
      feeds.forEach(PayloadFeed::close);
      TimeUnit.MILLISECONDS.sleep(latencyMs + 500);
      List<SrtStatistics> senders = statistics();
      calls.forEach(call -> call.close("measurement is over"));
      return report(start, end, residentKib, senders, awaitEnds(receiver));
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
      Directories.delete(directory);
    }
  }

  private void connect(Loops loops, ReceiverProcess receiver)
      throws IOException, InterruptedException {
    for (int i = 0; i < connections; i++) {
      EventLoop loop = (EventLoop) loops.group().next();
      SrtCall call = SenderLeg.call(loop, receiver.address(), "load-" + i, latencyMs);
      calls.add(call);
      feeds.add(new PayloadFeed(loop, kbps * 1_000L, burstMs * 1_000_000L, List.of(call::send)));
    }
  }

  private Mark mark(ReceiverProcess receiver) {
    return new Mark(
        cpuS(receiver.pid()),
        cpuS(ProcessHandle.current().pid()) - cpuS(receiver.pid()),
        sent(),
        MachineLoad.now(),
        System.nanoTime());
  }

  private long sent() {
    return feeds.stream().mapToLong(PayloadFeed::sent).sum();
  }

  private List<SrtStatistics> statistics() {
    return calls.stream().map(call -> call.statistics().toCompletableFuture().join()).toList();
  }

  private List<SessionLine> awaitEnds(ReceiverProcess receiver)
      throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(END_LIMIT_S);
    while (System.nanoTime() - deadlineNs < 0) {
      List<SessionLine> ended = receiver.ended();
      if (ended.size() >= connections) {
        return ended;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
    throw new IOException("sessions do not end: " + receiver.tail());
  }

  private int report(
      Mark start,
      Mark end,
      long residentKib,
      List<SrtStatistics> senders,
      List<SessionLine> sessions)
      throws IOException {
    double elapsedS = (end.atNs() - start.atNs()) / 1e9;
    double megabits = (end.sent() - start.sent()) * NumberedPayload.BYTES * 8 / 1e6;
    long lost = sent() - sessions.stream().mapToLong(SessionLine::payloads).sum();
    long missing = sessions.stream().mapToLong(SessionLine::missing).sum();
    long senderDrops = senders.stream().mapToLong(SrtStatistics::pktSndDrop).sum();
    long again = senders.stream().mapToLong(SrtStatistics::pktRetrans).sum();
    double receiverCpuS = end.receiverS() - start.receiverS();
    double senderCpuS = end.senderS() - start.senderS();
    MarkdownTable table =
        new MarkdownTable("figure", "value")
            .row("connections", Integer.toString(connections))
            .row("Mbit/s of payload, together", format("%.1f", megabits / elapsedS))
            .row("payloads sent", Long.toString(sent()))
            .row("not received", Long.toString(lost))
            .row("gaps seen by the receiver", Long.toString(missing))
            .row("dropped by the senders", Long.toString(senderDrops))
            .row("packets sent again", Long.toString(again))
            .row("receiver: cores", format("%.2f", receiverCpuS / elapsedS))
            .row("receiver: CPU ms per Mbit", format("%.3f", receiverCpuS * 1e3 / megabits))
            .row("receiver: RSS MB", format("%.0f", residentKib * 1024 / 1e6))
            .row("senders: cores", format("%.2f", senderCpuS / elapsedS))
            .row("machine busy", format("%.0f %%", end.load().busySince(start.load()) * 100));
    String report =
        """
        %s

        - %d connections of %d kbit/s into one port, bursts of %d ms, %d s measured after %d s, latency %d ms
        - receiver: %d event loops, %s %s; senders: %d event loops of one JVM

        %s"""
            .formatted(
                Machine.describe(),
                connections,
                kbps,
                burstMs,
                seconds,
                warmUpS,
                latencyMs,
                threads,
                ReceiverProcess.describeFlags(),
                String.join(" ", jvmFlags),
                threads,
                table);
    System.out.println(report);
    if (out != null) {
      Files.writeString(out, report);
    }
    return lost + missing + senderDrops == 0 ? 0 : 1;
  }

  private static double cpuS(long pid) {
    return (double) ProcessUsage.ofTree(pid).cpuTicks() / ProcStat.TICKS_PER_SECOND;
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
