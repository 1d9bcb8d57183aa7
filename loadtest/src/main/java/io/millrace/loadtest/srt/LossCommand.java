package io.millrace.loadtest.srt;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.process.Directories;
import io.millrace.loadtest.srt.LossBatch.CellResult;
import io.millrace.transport.Loops;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What never arrives over a lossy link: Millrace's receiver beside libsrt's. */
@Command(
    name = "loss",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Residual loss over a lossy relay, Millrace beside srt-live-transmit.")
final class LossCommand implements Callable<Integer> {
  @Option(
      names = "--loss",
      split = ",",
      defaultValue = "1,3,7,10",
      description = "percent each way; default ${DEFAULT-VALUE}")
  private List<Double> lossPercents = List.of();

  @Option(
      names = "--rtt",
      split = ",",
      defaultValue = "20,100,300",
      description = "round trips in ms; default ${DEFAULT-VALUE}")
  private List<Integer> rttsMs = List.of();

  @Option(
      names = "--latency",
      split = ",",
      description = "round trips; default 3 at 1 %%, 4 at 3 %%, 5 at 7 %%, 6 at 10 %% loss")
  private List<Integer> latencies = List.of();

  @Option(names = "--seconds", defaultValue = "60", description = "default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(names = "--kbps", defaultValue = "2500", description = "default ${DEFAULT-VALUE}")
  private int kbps;

  @Option(
      names = "--parallel",
      defaultValue = "4",
      description = "cells at once, each with both receivers; default ${DEFAULT-VALUE}")
  private int parallel;

  @Option(
      names = "--no-control",
      negatable = true,
      defaultValue = "true",
      fallbackValue = "true",
      description = "leave out the lossless cell that runs beside each batch")
  private boolean control;

  @Option(
      names = "--senders",
      split = ",",
      defaultValue = "LIBSRT,MILLRACE",
      description = "whose senders; default ${DEFAULT-VALUE}")
  private List<SenderKind> senders = List.of();

  @Option(names = "--seed", defaultValue = "1", description = "default ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--srt-live-transmit",
      defaultValue = "srt-live-transmit",
      description = "program; default from PATH")
  private String program = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  private final PrintStream progress = System.err;

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<LossCell> cells = cells();
    LiveTransmit libsrt = new LiveTransmit(program);
    String header = header(libsrt);
    StringBuilder report = new StringBuilder(header);
    Path directory = Files.createTempDirectory("millrace-srt");
    Loops relays = Loops.open(1, "relay");
    Loops feeds = Loops.open(1, "feed");
    try {
      for (SenderKind kind : senders) {
        LossBatch.Setup setup =
            new LossBatch.Setup(
                libsrt,
                kind,
                kbps * 1_000L,
                Duration.ofSeconds(seconds),
                seed,
                directory,
                (EventLoop) relays.group().next(),
                (EventLoop) feeds.group().next());
        report.append(section(kind, batches(setup, cells)));
      }
    } finally {
      relays.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
      feeds.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
      Directories.delete(directory);
    }
    System.out.println(report);
    if (out != null) {
      Files.writeString(out, report);
    }
    return 0;
  }

  private List<LossCell> cells() {
    List<LossCell> cells = new ArrayList<>();
    for (double lossPercent : lossPercents) {
      List<Integer> multiples =
          latencies.isEmpty() ? List.of(LossCell.usualLatencyRtts(lossPercent)) : latencies;
      for (int rttMs : rttsMs) {
        multiples.forEach(multiple -> cells.add(new LossCell(lossPercent, rttMs, multiple)));
      }
    }
    return cells;
  }

  private List<LossBatch.Result> batches(LossBatch.Setup setup, List<LossCell> cells)
      throws IOException, InterruptedException {
    List<LossBatch.Result> results = new ArrayList<>();
    int threads = Runtime.getRuntime().availableProcessors();
    try (ReceiverProcess receiver = ReceiverProcess.start(setup.directory(), threads, List.of())) {
      for (int start = 0; start < cells.size(); start += parallel) {
        List<LossCell> batch =
            new ArrayList<>(cells.subList(start, Math.min(cells.size(), start + parallel)));
        if (control) {
          batch.add(new LossCell(0, batch.getFirst().rttMs(), batch.getFirst().latencyRtts()));
        }
        progress.printf(
            "%s senders, load average %s: %s%n", setup.senders(), Machine.loadAverage(), batch);
        try (LossBatch running = new LossBatch(setup, receiver)) {
          results.add(running.run(batch));
        }
        progress.print(LossTable.residual(results.getLast().cells()));
      }
    }
    return results;
  }

  private String header(LiveTransmit libsrt) throws IOException, InterruptedException {
    return """
    %s

    - libsrt: srt-live-transmit, %s
    - Millrace's receiver: one JVM for all cells, %s
    - %d kbit/s of %d-byte payloads, %d s measured a cell, %d cells at once, seed %d

    """
        .formatted(
            Machine.describe(),
            libsrt.version(),
            ReceiverProcess.describeFlags(),
            kbps,
            NumberedPayload.BYTES,
            seconds,
            parallel,
            seed);
  }

  private static String section(SenderKind kind, List<LossBatch.Result> batches) {
    List<CellResult> cells =
        batches.stream()
            .flatMap(batch -> batch.cells().stream())
            .sorted(
                Comparator.comparingDouble((CellResult r) -> r.cell().lossPercent())
                    .thenComparing(r -> r.cell().rttMs())
                    .thenComparing(r -> r.cell().latencyRtts()))
            .toList();
    return "Sender: %s.%n%n%s%n%s%n%s%n"
        .formatted(
            kind, LossTable.residual(cells), LossTable.timing(cells), LossTable.cpu(batches));
  }
}
