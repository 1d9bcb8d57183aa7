package io.millrace.loadtest.srt;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.process.Directories;
import io.millrace.transport.Loops;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** CPU time per received megabit: Millrace's receiver beside libsrt's. */
@Command(
    name = "cpu",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "CPU per Mbit received, Millrace beside srt-live-transmit.")
final class CpuCommand implements Callable<Integer> {
  @Option(
      names = "--kbps",
      split = ",",
      defaultValue = "20000,2500",
      description = "rates, one after the other; default ${DEFAULT-VALUE}")
  private List<Integer> rates = List.of();

  @Option(
      names = "--loss",
      split = ",",
      defaultValue = "0,1",
      description = "percent each way; default ${DEFAULT-VALUE}")
  private List<Double> lossPercents = List.of();

  @Option(
      names = "--streams",
      split = ",",
      defaultValue = "1",
      description = "at once, one after the other; default ${DEFAULT-VALUE}")
  private List<Integer> streamCounts = List.of();

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      description = "seconds of each load before it is measured; default ${DEFAULT-VALUE}")
  private int warmUpS;

  @Option(names = "--window", defaultValue = "60", description = "default ${DEFAULT-VALUE}")
  private int windowS;

  @Option(names = "--rounds", defaultValue = "1", description = "default ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--senders",
      defaultValue = "LIBSRT",
      description = "whose; default ${DEFAULT-VALUE}")
  private SenderKind senders = SenderKind.LIBSRT;

  @Option(
      names = "--threads",
      defaultValue = "2",
      description = "event loops of Millrace's receiver; default ${DEFAULT-VALUE}")
  private int threads;

  @Option(names = "--jvm", description = "a flag for Millrace's receiver, may be repeated")
  private List<String> jvmFlags = new ArrayList<>();

  @Option(
      names = "--srt-live-transmit",
      defaultValue = "srt-live-transmit",
      description = "program; default from PATH")
  private String program = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException, InterruptedException {
    LiveTransmit libsrt = new LiveTransmit(program);
    MarkdownTable table =
        new MarkdownTable(
            "streams",
            "kbit/s each",
            "loss each way",
            "CPU ms per Mbit: Millrace",
            "libsrt",
            "ratio",
            "RSS MB: Millrace",
            "libsrt",
            "machine busy");
    Path directory = Files.createTempDirectory("millrace-srt");
    Loops relays = Loops.open(1, "relay");
    Loops feeds = Loops.open(1, "feed");
    try (ReceiverProcess receiver = ReceiverProcess.start(directory, threads, jvmFlags)) {
      for (CpuRun.Load load : loads()) {
        System.err.printf("%s, load average %s%n", load, Machine.loadAverage());
        CpuRun run =
            new CpuRun(
                load,
                senders,
                libsrt,
                directory,
                (EventLoop) relays.group().next(),
                (EventLoop) feeds.group().next());
        add(table, run.run(receiver, Duration.ofSeconds(warmUpS), Duration.ofSeconds(windowS)));
      }
    } finally {
      relays.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
      feeds.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
      Directories.delete(directory);
    }
    String report =
        """
        %s

        - libsrt: srt-live-transmit to standard output, dropped; %s; senders: %s
        - Millrace's receiver: one JVM for all rows, %d event loops, %s %s
        - %d s of warm-up, %d s measured

        %s"""
            .formatted(
                Machine.describe(),
                libsrt.version(),
                senders,
                threads,
                ReceiverProcess.describeFlags(),
                String.join(" ", jvmFlags),
                warmUpS,
                windowS,
                table);
    System.out.println(report);
    if (out != null) {
      Files.writeString(out, report);
    }
    return 0;
  }

  private List<CpuRun.Load> loads() {
    List<CpuRun.Load> loads = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (int streams : streamCounts) {
        for (int kbps : rates) {
          lossPercents.forEach(loss -> loads.add(new CpuRun.Load(kbps, loss, streams)));
        }
      }
    }
    return loads;
  }

  private static void add(MarkdownTable table, CpuRun.Result result) {
    table.row(
        Integer.toString(result.load().streams()),
        Integer.toString(result.load().kbps()),
        format("%.0f %%", result.load().lossPercent()),
        format("%.2f", result.millraceMsPerMbit()),
        format("%.2f", result.libsrtMsPerMbit()),
        format("%.2f", result.millraceMsPerMbit() / result.libsrtMsPerMbit()),
        format("%.0f", result.millraceResidentKib() * 1024 / 1e6),
        format("%.0f", result.libsrtResidentKib() * 1024 / 1e6),
        format("%.0f %%", result.machineBusy() * 100));
    System.err.println(table);
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
