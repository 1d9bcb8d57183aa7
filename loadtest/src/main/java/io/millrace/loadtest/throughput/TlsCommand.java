package io.millrace.loadtest.throughput;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.joins.HandshakeLoad;
import io.millrace.loadtest.process.ManagedProcess;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.viewers.LiveRig;
import io.millrace.loadtest.viewers.LiveServer;
import io.millrace.loadtest.viewers.Nginx;
import io.millrace.loadtest.viewers.Pem;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code tls}: what delivery over TLS 1.3 costs a server on one core, the load on another; Millrace
 * and nginx in turn, with the same media.
 */
@Command(
    name = "tls",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "CPU time of delivery over TLS 1.3: HTTP/1.1, HTTP/2, HTTP/3, handshakes; beside nginx with",
      "the same media. Needs h2load, taskset and openssl."
    })
public final class TlsCommand implements Callable<Integer> {
  private static final Duration MEDIA_LIMIT = Duration.ofMinutes(1);
  private static final Duration TASKSET_LIMIT = Duration.ofSeconds(10);
  private static final int FILES = 8;
  private static final String WINDOW = "5m";

  /** 200 KB in the 60 pictures of two seconds. */
  private static final int PICTURE_BYTES = 3_330;

  private static final int PART_MS = 2_000;

  @Option(names = "--rounds", defaultValue = "5", description = "default ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--requests",
      defaultValue = "8000",
      description = "for media in a run; default ${DEFAULT-VALUE}")
  private int requests;

  @Option(
      names = "--handshakes",
      defaultValue = "1600",
      description = "in a run; default ${DEFAULT-VALUE}")
  private int handshakes;

  @Option(
      names = "--connections",
      defaultValue = "8",
      description = "at once; default ${DEFAULT-VALUE}")
  private int connections;

  @Option(
      names = "--warm-up",
      defaultValue = "2",
      description = "runs of each kind that do not count; default ${DEFAULT-VALUE}")
  private int warmUp;

  @Option(
      names = "--only",
      split = ",",
      description = "of ${COMPLETION-CANDIDATES}; default all of them")
  private @Nullable Set<Measured> only;

  @Option(
      names = "--server-core",
      defaultValue = "0",
      description = "for taskset; default ${DEFAULT-VALUE}")
  private String serverCore = "";

  @Option(
      names = "--load-core",
      defaultValue = "1",
      description = "for taskset; default ${DEFAULT-VALUE}")
  private String loadCore = "";

  @Option(names = "--nginx", defaultValue = "nginx", description = "program")
  private String nginx = "";

  @Option(names = "--no-peer", description = "leave nginx out")
  private boolean noPeer;

  @Option(names = "--h2load", defaultValue = "h2load", description = "program")
  private String h2load = "";

  @Option(
      names = "--millrace",
      defaultValue = "./millrace run",
      description = "default ${DEFAULT-VALUE}")
  private String millrace = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  /** What load goes to. */
  private record Server(long pid, InetSocketAddress address) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    String machine = Machine.describe();
    pin(loadCore);
    LiveServer.Shape shape = new LiveServer.Shape(2_000, PART_MS, WINDOW, false);
    FlvClip clip = LiveRig.clip().padded(PICTURE_BYTES);
    String pinned = "taskset -c " + serverCore + " " + millrace;
    try (LiveRig rig = LiveRig.start(pinned, shape, clip, null)) {
      String report = machine + "\n\n" + measure(rig);
      System.out.println(report);
      if (out != null) {
        Files.writeString(out, report);
      }
      return 0;
    }
  }

  /** This process, its threads and what it starts from now on. */
  private static void pin(String cores) throws IOException, InterruptedException {
    String pid = Long.toString(ProcessHandle.current().pid());
    var _ =
        ManagedProcess.output(
            TASKSET_LIMIT,
            Path.of("").toAbsolutePath(),
            List.of("taskset", "-a", "-c", "-p", cores, pid));
  }

  private String measure(LiveRig rig) throws IOException, InterruptedException {
    Path directory = Files.createDirectories(rig.work().resolve("nginx"));
    Path root = Files.createDirectories(directory.resolve("root"));
    MediaFiles files = MediaFiles.copy(rig.server(), root, FILES, MEDIA_LIMIT);
    Pem pem = Pem.write(directory);
    List<String> command =
        Stream.concat(Stream.of("taskset", "-c", serverCore), Stream.of(nginx.split(" ", -1)))
            .toList();
    try (Nginx peer = Nginx.files(command, directory, root, connections, pem)) {
      return measure(rig, files, new Server(peer.pid(), peer.address()));
    }
  }

  private String measure(LiveRig rig, MediaFiles files, Server peer)
      throws IOException, InterruptedException {
    Server ours = new Server(rig.server().pid(), rig.server().address(true));
    Set<Measured> wanted = only == null ? EnumSet.allOf(Measured.class) : EnumSet.copyOf(only);
    Results results = new Results();
    for (int round = -warmUp; round < rounds; round++) {
      for (Measured measured : wanted) {
        Cost cost = run(rig, measured, ours, files);
        Cost other = noPeer || !measured.byPeer ? null : run(rig, measured, peer, files);
        if (round >= 0) {
          results.ours(measured, cost);
          if (other != null) {
            results.peers(measured, other);
          }
        }
      }
      System.err.println(round < 0 ? "warming up" : "round " + (round + 1) + " of " + rounds);
    }
    double idle = Cost.of(ours.pid(), TlsCommand::nothing).cpuS() / 2;
    return report(rig, files, results, ours, peer, idle);
  }

  private Cost run(LiveRig rig, Measured measured, Server server, MediaFiles files)
      throws IOException, InterruptedException {
    H2load load = new H2load(h2load, rig.work(), connections);
    return Cost.of(
        server.pid(),
        () ->
            switch (measured) {
              case HTTP_1 -> load.run(server.address(), files.media(), false, requests).bytes();
              case HTTP_2 -> load.run(server.address(), files.media(), true, requests).bytes();
              case HTTP_3 ->
                  new QuicLoad(rig.loops(), connections)
                      .run(server.address(), files.media(), requests);
              case FULL, RESUMED -> {
                new HandshakeLoad(rig.loops(), connections)
                    .run(server.address(), files.init(), measured.handshake(), handshakes);
                yield handshakes;
              }
            });
  }

  /** Two seconds of it. */
  private static long nothing() throws InterruptedException {
    Thread.sleep(2_000);
    return 1;
  }

  private String report(
      LiveRig rig, MediaFiles files, Results results, Server ours, Server peer, double idle)
      throws IOException, InterruptedException {
    H2load one = new H2load(h2load, rig.work(), 1);
    return """
    - each server on core %s, load on core %s, in turn; %d requests for %d segments of %d KB on average, one part each, %d connections, one request at a time on each;
      %d handshakes by as many viewers, each with one request for %s
    - %d runs of each before any counts; Millrace takes and packages a stream meanwhile, which is %.3f of a core without viewers and in its figures
    - ciphers: %s and %s; ECDSA P-256; load averages around %s

    %s
    Every run:

    %s\
    """
        .formatted(
            serverCore,
            loadCore,
            requests,
            FILES,
            files.bytes() / FILES / 1000,
            connections,
            handshakes,
            "the init segment",
            warmUp,
            idle,
            one.run(ours.address(), files.media(), true, 1).cipher(),
            one.run(peer.address(), files.media(), true, 1).cipher(),
            Machine.loadAverage(),
            results.summary(),
            results.rounds());
  }
}
