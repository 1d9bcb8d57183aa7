package io.millrace.loadtest.viewers;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.MachineLoad;
import io.millrace.loadtest.bench.MarkdownTable;
import io.millrace.loadtest.bench.ProcStat;
import io.millrace.loadtest.bench.ProcessUsage;
import io.millrace.transport.Loops;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code viewers}: many parked low-latency viewers of one rendition, nginx's answers beside it. */
@Command(
    name = "viewers",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Parked low-latency viewers of one rendition, beside nginx with the same bytes.")
public final class ViewersCommand implements Callable<Integer> {
  private static final int SETTLE_S = 12;
  private static final Duration CONNECT_LIMIT = Duration.ofMinutes(2);

  @Option(names = "--viewers", defaultValue = "10000", description = "default ${DEFAULT-VALUE}")
  private int viewers;

  @Option(names = "--seconds", defaultValue = "30", description = "default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--part-ms",
      defaultValue = "1000",
      description = "part duration; divides 2000; default ${DEFAULT-VALUE}")
  private int partMs;

  @Option(
      names = "--warm-up",
      defaultValue = "30",
      description = "seconds of serving before anything is measured; default ${DEFAULT-VALUE}")
  private int warmUpS;

  @Option(names = "--tls", description = "HTTPS instead of HTTP")
  private boolean tls;

  @Option(
      names = "--window",
      defaultValue = "30s",
      description = "what the playlist lists; default ${DEFAULT-VALUE}")
  private String window = "";

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

  /** What a server used while viewers were served. */
  private record Cost(long answers, double cpuS, double seconds, long bodyBytes, double busy) {
    double usPerAnswer() {
      return answers == 0 ? 0 : cpuS * 1e6 / answers;
    }
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    LiveServer.Shape shape = new LiveServer.Shape(viewers, partMs, window, false);
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
    LiveServer server = rig.server();
    TimeUnit.SECONDS.sleep(SETTLE_S);
    SslContext context =
        tls
            ? SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .protocols("TLSv1.3")
                .build()
            : null;
    ParkedScript script =
        new ParkedScript(
            LiveServer.PLAYLIST, "127.0.0.1", LiveRig.SEGMENT_MS / partMs, server.nextPart());
    JvmMemory empty = memory(rig);
    byte[] playlist;
    Cost parked;
    Map<String, Double> before;
    Map<String, Double> after;
    JvmMemory full;
    try (Fleet fleet = new Fleet(rig.loops(), server.address(tls), context, script)) {
      fleet.connect(viewers, CONNECT_LIMIT);
      TimeUnit.SECONDS.sleep(warmUpS);
      before = server.metrics();
      parked = cost(fleet, server.pid());
      after = server.metrics();
      full = memory(rig);
      playlist = server.playlist();
    }
    Cost peer = noPeer ? null : peer(rig, context, playlist);
    return report(script, parked, peer, before, after, full, empty, playlist.length);
  }

  private static JvmMemory memory(LiveRig rig) throws IOException, InterruptedException {
    return JvmMemory.of(rig.server().pid(), rig.work());
  }

  private Cost cost(Fleet fleet, long pid) throws IOException, InterruptedException {
    fleet.requireHealth();
    long answers = fleet.answers();
    long bytes = fleet.bodyBytes();
    MachineLoad load = MachineLoad.now();
    double cpuS = cpuS(pid);
    long startNs = System.nanoTime();
    TimeUnit.SECONDS.sleep(seconds);
    fleet.requireHealth();
    return new Cost(
        fleet.answers() - answers,
        cpuS(pid) - cpuS,
        (System.nanoTime() - startNs) / 1e9,
        fleet.bodyBytes() - bytes,
        MachineLoad.now().busySince(load));
  }

  private Cost peer(LiveRig rig, @Nullable SslContext context, byte[] playlist)
      throws IOException, InterruptedException {
    Loops loops = rig.loops();
    Path directory = Files.createDirectories(rig.work().resolve("nginx"));
    Pem pem = context == null ? null : Pem.write(directory);
    try (Nginx running = Nginx.playlist(nginx, directory, playlist, viewers, pem)) {
      TickScript script = new TickScript("/media.m3u8", "127.0.0.1");
      try (Fleet fleet = new Fleet(loops, running.address(), context, script)) {
        fleet.connect(viewers, CONNECT_LIMIT);
        var ticking =
            loops
                .group()
                .scheduleAtFixedRate(
                    () -> script.tick(fleet), partMs, partMs, TimeUnit.MILLISECONDS);
        try {
          TimeUnit.SECONDS.sleep(2L * LiveRig.SEGMENT_MS / 1000);
          return cost(fleet, running.pid());
        } finally {
          ticking.cancel(false);
        }
      }
    }
  }

  private static double cpuS(long pid) {
    return (double) ProcessUsage.ofTree(pid).cpuTicks() / ProcStat.TICKS_PER_SECOND;
  }

  private String report(
      ParkedScript script,
      Cost parked,
      @Nullable Cost peer,
      Map<String, Double> before,
      Map<String, Double> after,
      JvmMemory full,
      JvmMemory empty,
      int playlistBytes) {
    List<Arrivals> complete =
        script.arrivals().values().stream().filter(each -> each.count() >= viewers).toList();
    long[] spread =
        complete.stream().flatMapToLong(a -> Arrays.stream(a.afterFirstNs())).sorted().toArray();
    MarkdownTable table =
        new MarkdownTable("figure", "Millrace", "nginx")
            .row("answers", "" + parked.answers(), peer == null ? "" : "" + peer.answers())
            .row("answers a second", rate(parked), peer == null ? "" : rate(peer))
            .row("CPU µs per answer", us(parked), peer == null ? "" : us(peer))
            .row("bytes of body per answer", bytes(parked), peer == null ? "" : bytes(peer))
            .row(
                "CPU per answer, ratio to nginx",
                peer == null
                    ? ""
                    : format("%.2f", parked.usPerAnswer() / Math.max(1e-9, peer.usPerAnswer())),
                "1.00")
            .row("last viewer after the first, ms: median of all viewers", ms(spread, 0.5), "")
            .row("the same, 99 %", ms(spread, 0.99), "")
            .row("updates that every viewer got", "" + complete.size(), "")
            .row(
                "RSS per viewer, KiB, room to work in included",
                each(full.residentKib() - empty.residentKib()),
                "")
            .row(
                "needed: live objects and all outside the heap",
                each(full.neededKib() - empty.neededKib()),
                "")
            .row(
                "machine busy",
                format("%.0f %%", parked.busy() * 100),
                peer == null ? "" : format("%.0f %%", peer.busy() * 100));
    StringBuilder counters = new StringBuilder();
    after.forEach(
        (name, value) -> {
          double grown = value - before.getOrDefault(name, 0.0);
          if (grown != 0 && name.matches(".*(rendered|compressions).*")) {
            counters.append(format("- `%s` grew by %.0f%n", name, grown));
          }
        });
    return """
    %s

    - %d viewers of one rendition over %s, part %d ms, segment %d ms, window %s, playlist %d bytes, %d s measured after %d s of serving
    - nginx: one worker, the same playlist as a file compressed beforehand, asked for by as many viewers as often

    %s
    In the %d s, server-wide:

    %s\
    """
        .formatted(
            Machine.describe(),
            viewers,
            tls ? "HTTPS" : "HTTP",
            partMs,
            LiveRig.SEGMENT_MS,
            window,
            playlistBytes,
            seconds,
            warmUpS,
            table,
            seconds,
            counters);
  }

  private String each(long moreKib) {
    return format("%.1f", (double) moreKib / viewers);
  }

  private static String rate(Cost cost) {
    return format("%.0f", cost.answers() / cost.seconds());
  }

  private static String us(Cost cost) {
    return format("%.1f", cost.usPerAnswer());
  }

  private static String bytes(Cost cost) {
    return format("%.0f", (double) cost.bodyBytes() / Math.max(1, cost.answers()));
  }

  private static String ms(long[] sorted, double share) {
    return sorted.length == 0
        ? "-"
        : format("%.1f", sorted[(int) Math.ceil(share * sorted.length) - 1] / 1e6);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
