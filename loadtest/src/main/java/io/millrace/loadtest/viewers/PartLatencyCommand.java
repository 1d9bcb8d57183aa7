package io.millrace.loadtest.viewers;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MachineLoad;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.publish.FlvClip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code part-latency}: from the instant at which a publisher has sent a part's last frame to the
 * one at which a parked viewer has the playlist with that part. Both ends are in this process, so
 * there is one clock; loopback, both sockets and this client are in the figure.
 */
@Command(
    name = "part-latency",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "From a part's last frame sent by RTMP to its playlist at a parked viewer.")
public final class PartLatencyCommand implements Callable<Integer> {
  private static final int WARM_UP_S = 30;

  /** RTMP's timestamps are rounded to milliseconds. */
  private static final int ROUNDING_MS = 5;

  @Option(names = "--seconds", defaultValue = "60", description = "default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--part-ms",
      defaultValue = "200",
      description = "part duration; divides 2000; default ${DEFAULT-VALUE}")
  private int partMs;

  @Option(
      names = "--millrace",
      defaultValue = "./millrace run",
      description = "default ${DEFAULT-VALUE}")
  private String millrace = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  /** When each frame of video was sent, by its time. */
  private final ConcurrentSkipListMap<Long, Long> sentNs = new ConcurrentSkipListMap<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    LiveServer.Shape shape = new LiveServer.Shape(1, partMs, "30s", false);
    try (LiveRig rig = LiveRig.start(millrace, shape, this::sent)) {
      String report = measure(rig);
      System.out.println(report);
      if (out != null) {
        Files.writeString(out, report);
      }
      return 0;
    }
  }

  private void sent(FlvClip.Kind kind, long timeMs, long atNs) {
    if (kind == FlvClip.Kind.VIDEO) {
      sentNs.put(timeMs, atNs);
    }
  }

  private String measure(LiveRig rig) throws IOException, InterruptedException {
    LiveServer server = rig.server();
    TimeUnit.SECONDS.sleep(WARM_UP_S);
    ParkedScript script =
        new ParkedScript(
            LiveServer.PLAYLIST, "127.0.0.1", LiveRig.SEGMENT_MS / partMs, server.nextPart());
    MachineLoad load = MachineLoad.now();
    try (Fleet fleet = new Fleet(rig.loops(), server.address(false), null, script)) {
      fleet.connect(1, Duration.ofSeconds(10));
      TimeUnit.SECONDS.sleep(seconds);
      fleet.requireHealth();
    }
    double busy = MachineLoad.now().busySince(load);
    long[] latencies =
        script.arrivals().entrySet().stream()
            .mapToLong(this::latencyNs)
            .filter(ns -> ns > 0)
            .sorted()
            .toArray();
    MarkdownTable table =
        new MarkdownTable("figure", "value")
            .row("parts", Integer.toString(latencies.length))
            .row("median ms", ms(latencies, 0.5))
            .row("90 % ms", ms(latencies, 0.9))
            .row("99 % ms", ms(latencies, 0.99))
            .row("most ms", ms(latencies, 1))
            .row("machine busy", String.format(Locale.ROOT, "%.0f %%", busy * 100));
    return """
    %s

    - RTMP push of 720p30, parts of %d ms, one parked HTTP viewer, %d s after %d s of warm-up

    %s"""
        .formatted(Machine.describe(), partMs, seconds, WARM_UP_S, table);
  }

  /** The stream begins with the clip, at a key frame, and every two seconds brings another. */
  private long latencyNs(Map.Entry<PartPosition, Arrivals> arrival) {
    PartPosition part = arrival.getKey();
    long endMs = part.sequence() * LiveRig.SEGMENT_MS + (part.part() + 1L) * partMs;
    Map.Entry<Long, Long> last = sentNs.lowerEntry(endMs - ROUNDING_MS);
    return last == null ? 0 : arrival.getValue().firstNs() - last.getValue();
  }

  private static String ms(long[] sorted, double share) {
    return sorted.length == 0
        ? "-"
        : String.format(
            Locale.ROOT, "%.2f", sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6);
  }
}
