package io.millrace.loadtest.hostile;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.loadtest.viewers.LiveTarget;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code hostile}: what honest viewers of a live stream get while one client attacks the server,
 * for each attack, and what they get without it.
 */
@Command(
    name = "hostile",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Honest viewers beside one attacker, for each attack that there is.")
public final class HostileCommand implements Callable<Integer> {
  private static final int PART_MS = 200;
  private static final Duration BUFFER = Duration.ofSeconds(2);
  private static final int WARM_UP_S = 15;

  @Option(
      names = "--viewers",
      defaultValue = "20",
      description = "an even number, default ${DEFAULT-VALUE}")
  private int viewers;

  @Option(
      names = "--seconds",
      defaultValue = "10",
      description = "for each attack, default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--only",
      defaultValue = "",
      description = "attacks that have this in their names; default all")
  private String only = "";

  @Option(
      names = "--millrace",
      defaultValue = "./millrace run",
      description = "default ${DEFAULT-VALUE}")
  private String millrace = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException, InterruptedException {
    try (LiveTarget target = LiveTarget.start(millrace, viewers + 1_000, PART_MS)) {
      String report = measure(target);
      System.out.println(report);
      if (out != null) {
        Files.writeString(out, report);
      }
      return 0;
    }
  }

  private String measure(LiveTarget target) throws IOException, InterruptedException {
    InetSocketAddress server = target.https();
    MarkdownTable table =
        new MarkdownTable(
            "attack",
            "ended by the server, per s",
            "parts due",
            "in time, %",
            "Mbit/s a viewer",
            "median ms",
            "99 % ms",
            "server CPU s/s",
            "resident MiB");
    try (PacedViewers honest =
        new PacedViewers(
            viewers / 2,
            () -> URI.create("https://127.0.0.1:" + server.getPort() + target.newestPart()),
            Duration.ofMillis(PART_MS),
            BUFFER)) {
      TimeUnit.SECONDS.sleep(WARM_UP_S);
      row(
          table,
          "none",
          target,
          honest,
          () -> {
            TimeUnit.SECONDS.sleep(seconds);
            return 0;
          });
      for (Attack attack : Attack.all()) {
        if (!attack.name().contains(only)) {
          continue;
        }
        row(
            table,
            attack.name(),
            target,
            honest,
            () ->
                attack.run(
                    server,
                    target.newestPart(),
                    Duration.ofSeconds(seconds),
                    Duration.ofSeconds(seconds)));
      }
      row(
          table,
          "none, at the end",
          target,
          honest,
          () -> {
            TimeUnit.SECONDS.sleep(seconds);
            return 0;
          });
    }
    return """
    %s

    - `./millrace run` with its default limits, a 720p30 stream pushed to it, parts of %d ms; %d honest viewers over TLS, half of them HTTP/1.1 and half
      HTTP/2, each with the newest part every %d ms and %d s of buffer; one attacker for %d s, as fast as one thread of this machine and the server
      let it; server, viewers, attacker and publisher on this machine

    %s\
    """
        .formatted(
            Machine.describe(), PART_MS, viewers, PART_MS, BUFFER.toSeconds(), seconds, table);
  }

  private interface Assault {
    int run() throws InterruptedException;
  }

  private void row(
      MarkdownTable table, String name, LiveTarget target, PacedViewers honest, Assault assault)
      throws IOException, InterruptedException {
    long cpuTicks = ProcessUsage.ofTree(target.pid()).cpuTicks();
    long fromNs = System.nanoTime();
    int ended = assault.run();
    long toNs = System.nanoTime();
    double tookS = (toNs - fromNs) / 1e9;
    ProcessUsage usage = ProcessUsage.ofTree(target.pid());
    double cpuS = (double) (usage.cpuTicks() - cpuTicks) / ProcStat.TICKS_PER_SECOND;
    PacedViewers.Result result = honest.result(fromNs, toNs);
    table.row(
        name,
        one(ended / tookS),
        Integer.toString(result.due()),
        one(100 * result.share()),
        String.format(Locale.ROOT, "%.2f", result.bytes() * 8 / 1e6 / tookS / viewers),
        one(result.quantileMs(0.5)),
        one(result.quantileMs(0.99)),
        String.format(Locale.ROOT, "%.2f", cpuS / tookS),
        Long.toString(usage.residentKib() / 1024));
    System.err.println(name + ": " + one(100 * result.share()) + " % in time");
  }

  private static String one(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }
}
