package io.millrace.loadtest.viewers;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.transport.Loops;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code edge}: many viewers begin to watch at once, through an edge that has nothing yet; what
 * that costs the origin, with nginx as the cache beside it.
 */
@Command(
    name = "edge",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Many viewers join at once through an edge, beside nginx with proxy_cache_lock.")
public final class EdgeCommand implements Callable<Integer> {
  private static final Duration CONNECT_LIMIT = Duration.ofMinutes(2);
  private static final int JOIN_LIMIT_S = 60;
  private static final int PART_MS = 200;

  /** So that parts are still there when the last of many viewers asks for them. */
  private static final int SEGMENT_S = 6;

  private static final String FOLDER = "/live/viewers/";
  private static final Pattern ADDRESS = Pattern.compile("URI=\"([^\"]+)\"");

  @Option(names = "--viewers", defaultValue = "10000", description = "default ${DEFAULT-VALUE}")
  private int viewers;

  @Option(names = "--nginx", defaultValue = "nginx", description = "program")
  private String nginx = "";

  @Option(names = "--no-peer", description = "leave nginx out")
  private boolean noPeer;

  @Option(
      names = "--millrace",
      defaultValue = "./millrace run",
      description = "default ${DEFAULT-VALUE}")
  private String millrace = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  /** How one cache did. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Joined(
      int objects, long originRequests, long[] tookNs, double edgeCpuS, double originCpuS) {
    /** How long it took this share of all until they had everything. */
    String withinS(double share) {
      int index = Math.clamp((int) Math.ceil(share * tookNs.length) - 1, 0, tookNs.length - 1);
      return two(tookNs[index] / 1e9);
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    LiveServer.Shape shape = new LiveServer.Shape(viewers, PART_MS, "30s", false, SEGMENT_S);
    try (LiveRig rig = LiveRig.start(millrace, shape, null)) {
      String report = measure(rig);
      System.out.println(report);
      if (out != null) {
        Files.writeString(out, report);
      }
      return 0;
    }
  }

  private String measure(LiveRig rig) throws IOException, InterruptedException {
    LiveServer origin = rig.server();
    Path edgeWork = Files.createDirectories(rig.work().resolve("edge"));
    List<String> command = List.of(millrace.split(" ", -1));
    try (LiveServer edge = LiveServer.startEdge(command, edgeWork, viewers, origin)) {
      TimeUnit.SECONDS.sleep(8);
      Joined ours = join(rig.loops(), origin, edge.address(false), edge.pid());
      if (noPeer) {
        return report(ours, null);
      }
      Path nginxWork = rig.work().resolve("nginx");
      try (Nginx cache = Nginx.cache(nginx, nginxWork, origin.address(false), viewers)) {
        return report(ours, join(rig.loops(), origin, cache.address(), cache.pid()));
      }
    }
  }

  /** Connects everybody first, so that what is measured is the moment in which all want to see. */
  private Joined join(Loops loops, LiveServer origin, InetSocketAddress cache, long pid)
      throws IOException, InterruptedException {
    try (Fleet fleet =
        new Fleet(loops, cache, null, new JoinScript(List.of(), "127.0.0.1", viewers))) {
      fleet.connect(viewers, CONNECT_LIMIT);
      List<String> targets = targets(origin);
      JoinScript script = new JoinScript(targets, "127.0.0.1", viewers);
      fleet.play(script);
      long before = origin.viewerRequests();
      double edgeCpuS = cpuS(pid);
      double originCpuS = cpuS(origin.pid());
      long[] tookNs = script.join(fleet, JOIN_LIMIT_S);
      fleet.requireHealth();
      if (tookNs.length < viewers) {
        throw new IOException(
            tookNs.length + " of " + viewers + " viewers had everything in " + JOIN_LIMIT_S + " s");
      }
      return new Joined(
          targets.size(),
          origin.viewerRequests() - before,
          tookNs,
          cpuS(pid) - edgeCpuS,
          cpuS(origin.pid()) - originCpuS);
    }
  }

  /** What a player asks for first: playlists, the init segment, the newest part, the next one. */
  private static List<String> targets(LiveServer origin) throws IOException, InterruptedException {
    String text = new String(origin.playlist(), StandardCharsets.UTF_8);
    String init = null;
    String part = null;
    String hint = null;
    for (String line : text.lines().toList()) {
      Matcher address = ADDRESS.matcher(line);
      if (!address.find()) {
        continue;
      }
      if (line.startsWith("#EXT-X-MAP:")) {
        init = address.group(1);
      } else if (line.startsWith("#EXT-X-PART:")) {
        part = address.group(1);
      } else if (line.startsWith("#EXT-X-PRELOAD-HINT:")) {
        hint = address.group(1);
      }
    }
    if (init == null || part == null || hint == null) {
      throw new IOException("not a low-latency playlist:\n" + text);
    }
    List<String> targets = new ArrayList<>();
    targets.add(FOLDER + "master.m3u8");
    targets.add(LiveServer.PLAYLIST + origin.nextPart().directives());
    for (String name : List.of(init, part, hint)) {
      targets.add(FOLDER + "source/" + name);
    }
    return targets;
  }

  private static double cpuS(long pid) {
    return (double) ProcessUsage.ofTree(pid).cpuTicks() / ProcStat.TICKS_PER_SECOND;
  }

  private String report(Joined ours, @Nullable Joined peer) {
    MarkdownTable table =
        new MarkdownTable("figure", "Millrace edge", "nginx, proxy_cache_lock")
            .row("joins", "" + viewers, peer == null ? "" : "" + viewers)
            .row("distinct objects", "" + ours.objects, peer == null ? "" : "" + peer.objects)
            .row(
                "requests of the origin",
                "" + ours.originRequests,
                peer == null ? "" : "" + peer.originRequests)
            .row("requests for each object", ratio(ours), peer == null ? "" : ratio(peer))
            .row(
                "s until half of the viewers had everything",
                ours.withinS(0.5),
                peer == null ? "" : peer.withinS(0.5))
            .row("the same, 99 %", ours.withinS(0.99), peer == null ? "" : peer.withinS(0.99))
            .row("the same, the last", ours.withinS(1), peer == null ? "" : peer.withinS(1))
            .row("CPU s of the cache", two(ours.edgeCpuS), peer == null ? "" : two(peer.edgeCpuS))
            .row(
                "CPU s of the origin",
                two(ours.originCpuS),
                peer == null ? "" : two(peer.originCpuS));
    return """
    %s

    - %d viewers, each with a connection of its own made before, ask at the same moment for the same five objects one after the other: multivariant
      playlist, the reload that the next part answers, init segment, newest part, the part that is hinted; HTTP/1.1 in the clear; origin, cache (nginx
      with one worker) and viewers share this machine's cores
    - the cache has nothing of it before; parts of %d ms in segments of %d s; one run, Millrace first, its program started some seconds before

    %s"""
        .formatted(Machine.describe(), viewers, PART_MS, SEGMENT_S, table);
  }

  private static String ratio(Joined joined) {
    return two((double) joined.originRequests / joined.objects);
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
