package io.millrace.loadtest.viewers;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.loadtest.bench.ThreadUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code scaling}: what encoding, packaging and rendering one stream costs with 1 to 10,000
 * viewers, in a random order several times over, and the slope of each with its error.
 */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "What a stream costs the server, by the number of its parked viewers.")
public final class ScalingCommand implements Callable<Integer> {
  private static final Duration CONNECT_LIMIT = Duration.ofMinutes(2);
  private static final int WARM_UP_S = 30;

  @Option(
      names = "--viewers",
      defaultValue = "1,10,100,1000,10000",
      split = ",",
      description = "default ${DEFAULT-VALUE}")
  private List<Integer> viewers = List.of();

  @Option(names = "--rounds", defaultValue = "3", description = "default ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "12",
      description = "of each measurement; default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--part-ms",
      defaultValue = "1000",
      description = "part duration; divides 2000; default ${DEFAULT-VALUE}")
  private int partMs;

  @Option(names = "--seed", defaultValue = "1", description = "of the order")
  private long seed;

  @Option(
      names = "--millrace",
      defaultValue = "./millrace run",
      description = "default ${DEFAULT-VALUE}")
  private String millrace = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  /** One measurement; CPU in milliseconds a second of the stream, or as named. */
  private record Measured(
      int viewers,
      double encoding,
      double packaging,
      double rendering,
      double usPerDocument,
      double documentsPerUpdate,
      double compressionsPerUpdate,
      double all,
      double usPerAnswer) {}

  /** What has been used so far. */
  private record Used(
      double encodingS, double cpuS, Map<String, Double> metrics, long answers, long atNs) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    int most = Collections.max(viewers);
    LiveServer.Shape shape = new LiveServer.Shape(most, partMs, "30s", true);
    List<Measured> all = new ArrayList<>();
    try (LiveRig rig = LiveRig.start(millrace, shape, null)) {
      TimeUnit.SECONDS.sleep(WARM_UP_S);
      measure(rig, most); // the compiler's warm-up, not kept
      Random random = new Random(seed);
      for (int round = 0; round < rounds; round++) {
        List<Integer> order = new ArrayList<>(viewers);
        Collections.shuffle(order, random);
        for (int count : order) {
          all.add(measure(rig, count));
        }
      }
    }
    String report = report(all);
    System.out.println(report);
    if (out != null) {
      Files.writeString(out, report);
    }
    return 0;
  }

  private Measured measure(LiveRig rig, int count) throws IOException, InterruptedException {
    LiveServer server = rig.server();
    ParkedScript script =
        new ParkedScript(
            LiveServer.PLAYLIST, "127.0.0.1", LiveRig.SEGMENT_MS / partMs, server.nextPart());
    try (Fleet fleet = new Fleet(rig.loops(), server.address(false), null, script)) {
      fleet.connect(count, CONNECT_LIMIT);
      TimeUnit.MILLISECONDS.sleep(2L * partMs);
      Used before = used(server, fleet);
      TimeUnit.SECONDS.sleep(seconds);
      fleet.requireHealth();
      Used after = used(server, fleet);
      return measured(count, before, after);
    }
  }

  private Measured measured(int count, Used before, Used after) {
    double elapsedS = (after.atNs - before.atNs) / 1e9;
    double documents = grown("millrace_stream_documents_rendered_total", before, after);
    double rendering = grown("millrace_stream_rendering_cpu_seconds_total", before, after);
    double updates = elapsedS * 1e3 / partMs;
    double cpuS = after.cpuS - before.cpuS;
    return new Measured(
        count,
        1e3 * (after.encodingS - before.encodingS) / elapsedS,
        1e3 * grown("millrace_stream_packaging_cpu_seconds_total", before, after) / elapsedS,
        1e3 * rendering / elapsedS,
        documents == 0 ? 0 : 1e6 * rendering / documents,
        documents / updates,
        grown("millrace_http_compressions_total", before, after) / updates,
        1e3 * cpuS / elapsedS,
        1e6 * cpuS / Math.max(1, after.answers - before.answers));
  }

  private static double grown(String metric, Used before, Used after) {
    return after.metrics.getOrDefault(metric, 0.0) - before.metrics.getOrDefault(metric, 0.0);
  }

  private static Used used(LiveServer server, Fleet fleet)
      throws IOException, InterruptedException {
    return new Used(
        (double) ThreadUsage.cpuTicks(server.pid(), "transcode") / ProcStat.TICKS_PER_SECOND,
        (double) ProcessUsage.ofTree(server.pid()).cpuTicks() / ProcStat.TICKS_PER_SECOND,
        server.metrics(),
        fleet.answers(),
        System.nanoTime());
  }

  private String report(List<Measured> all) {
    MarkdownTable means =
        new MarkdownTable(
            "viewers",
            "encoding, CPU ms/s",
            "packaging, CPU ms/s",
            "rendering, CPU ms/s",
            "CPU µs a document",
            "documents an update",
            "compressions an update",
            "whole server, CPU ms/s",
            "CPU µs an answer");
    for (int count : viewers.stream().sorted().toList()) {
      List<Measured> same = all.stream().filter(each -> each.viewers == count).toList();
      means.row(
          Integer.toString(count),
          mean(same, Measured::encoding),
          mean(same, Measured::packaging),
          mean(same, Measured::rendering),
          mean(same, Measured::usPerDocument),
          mean(same, Measured::documentsPerUpdate),
          mean(same, Measured::compressionsPerUpdate),
          mean(same, Measured::all),
          mean(same, Measured::usPerAnswer));
    }
    MarkdownTable slopes =
        new MarkdownTable("slope, for 10,000 viewers more", "value", "± (95 %)", "mean");
    slope(slopes, "encoding, CPU ms/s", all, Measured::encoding);
    slope(slopes, "packaging, CPU ms/s", all, Measured::packaging);
    slope(slopes, "rendering, CPU ms/s", all, Measured::rendering);
    slope(slopes, "rendering, CPU µs a document", all, Measured::usPerDocument);
    slope(slopes, "documents an update", all, Measured::documentsPerUpdate);
    return """
    %s

    - 720p30 pushed by RTMP, passed through and encoded to 360p H.264; parts of %d ms; HTTP with gzip; means of %d measurements of %d s each

    %s
    %s"""
        .formatted(Machine.describe(), partMs, rounds, seconds, means, slopes);
  }

  private static void slope(
      MarkdownTable table, String name, List<Measured> all, ToDoubleFunction<Measured> figure) {
    Slope slope =
        Slope.of(
            all.stream()
                .map(each -> new Slope.Point(each.viewers, figure.applyAsDouble(each)))
                .toList());
    table.row(
        name,
        format(slope.perUnit() * 10_000),
        format(slope.error() * 10_000),
        format(slope.mean()));
  }

  private static String mean(List<Measured> same, ToDoubleFunction<Measured> figure) {
    return format(same.stream().mapToDouble(figure).average().orElseThrow());
  }

  private static String format(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
