package io.millrace.loadtest.joins;

import io.millrace.loadtest.viewers.LiveRig;
import io.millrace.loadtest.viewers.LiveServer;
import io.millrace.transport.Loops;
import io.millrace.transport.tls.EarlyClientTls;
import io.millrace.transport.tls.QuicTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code joins}: from nothing to the first byte of media, over networks with a delay, by full and
 * resumed handshakes and with early data, over TCP and QUIC.
 */
@Command(
    name = "joins",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "From nothing to the first byte of media over networks with a delay: full handshake,"
          + " resumed,",
      "0-RTT; HTTP/1.1, HTTP/2, HTTP/3. Needs root, for a TUN interface."
    })
public final class JoinsCommand implements Callable<Integer> {
  private static final int PART_MS = 200;
  private static final int MAX_VIEWERS = 1_000;

  /** At once, so that long round trips do not take all day, and short ones stay undisturbed. */
  private static final int MS_FOR_EACH_AT_ONCE = 20;

  @Option(
      names = "--rtt",
      split = ",",
      defaultValue = "20,100,300",
      description = "round trips in ms; default ${DEFAULT-VALUE}")
  private List<Integer> roundTripsMs = List.of();

  @Option(
      names = "--joins",
      defaultValue = "25",
      description = "of each kind in a cell; default ${DEFAULT-VALUE}")
  private int joins;

  @Option(
      names = "--warm-up",
      defaultValue = "100",
      description =
          "joins of each kind, without a delay, before any counts; default ${DEFAULT-VALUE}")
  private int warmUp;

  @Option(
      names = "--millrace",
      defaultValue = "./millrace run",
      description = "default ${DEFAULT-VALUE}")
  private String millrace = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException, InterruptedException {
    String cause = EarlyClientTls.whyNot();
    if (cause != null || !QuicTls.available()) {
      System.err.println("no client for this: " + (cause == null ? "quic is missing" : cause));
      return 1;
    }
    // The first of the links has no delay: for warming up.
    List<Integer> links = Stream.concat(Stream.of(0), roundTripsMs.stream()).toList();
    try (DelayLink link = DelayLink.open(links)) {
      LiveServer.Shape shape =
          new LiveServer.Shape(MAX_VIEWERS, PART_MS, "30s", false, DelayLink.near());
      try (LiveRig rig = LiveRig.start(millrace, shape, null)) {
        return measure(rig, link, links);
      }
    }
  }

  private int measure(LiveRig rig, DelayLink link, List<Integer> links)
      throws IOException, InterruptedException {
    LiveServer server = rig.server();
    List<JoinCell> cells = new ArrayList<>();
    for (int i = 0; i < links.size(); i++) {
      JoinCell.Target target =
          new JoinCell.Target(server, new InetSocketAddress(link.far(i), server.port("https")));
      List<JoinCell> here = cells(links.get(i));
      run(here, rig.loops(), target, i == 0 ? warmUp : joins);
      if (i > 0) {
        cells.addAll(here);
      }
      System.err.println(
          i == 0 ? "warmed up" : "measured " + links.get(i) + " ms, dropped " + link.dropped());
    }
    JoinsReport report = new JoinsReport(cells, roundTripsMs, joins);
    String text = report.text();
    System.out.println(text);
    if (out != null) {
      Files.writeString(out, text);
    }
    List<String> failures = report.failures();
    failures.forEach(System.err::println);
    return failures.isEmpty() ? 0 : 1;
  }

  private static List<JoinCell> cells(int roundTripMs) {
    List<JoinCell> cells = new ArrayList<>();
    for (JoinProtocol protocol : JoinProtocol.values()) {
      for (Handshake handshake : Handshake.values()) {
        cells.add(new JoinCell(protocol, handshake, roundTripMs));
      }
    }
    return cells;
  }

  private static void run(List<JoinCell> cells, Loops loops, JoinCell.Target target, int count)
      throws IOException, InterruptedException {
    int atOnce = Math.clamp(cells.getFirst().roundTripMs() / MS_FOR_EACH_AT_ONCE, 1, cells.size());
    Semaphore places = new Semaphore(atOnce, true);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> running = new ArrayList<>();
      for (JoinCell cell : cells) {
        running.add(
            threads.submit(
                () -> {
                  places.acquire();
                  try {
                    cell.run(loops, target, count);
                  } finally {
                    places.release();
                  }
                  return null;
                }));
      }
      for (Future<Void> each : running) {
        each.get(30, TimeUnit.MINUTES);
      }
    } catch (ExecutionException e) {
      throw new IOException(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      throw new IOException("joins do not end", e);
    }
  }
}
