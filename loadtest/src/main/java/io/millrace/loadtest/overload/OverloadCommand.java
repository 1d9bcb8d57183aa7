package io.millrace.loadtest.overload;

import io.millrace.loadtest.bench.Clip;
import io.millrace.loadtest.bench.MachineLoad;
import io.millrace.loadtest.process.Directories;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.loadtest.viewers.LiveRig;
import io.millrace.loadtest.viewers.LiveServer;
import io.millrace.transport.Loops;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code overload}: more and more streams, until they would take several times the machine. */
@Command(
    name = "overload",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Adds streams until they would take several times what the machine has, takes them away again,",
      "and reports what the server gave up, in which order and how soon, and what viewers noticed."
    })
public final class OverloadCommand implements Callable<Integer> {
  private static final long TICK_MS = 200;

  @Option(
      names = "--factor",
      defaultValue = "3",
      description = "of the machine's cores that all streams would take; default ${DEFAULT-VALUE}")
  private double factor;

  @Option(
      names = "--every",
      defaultValue = "5",
      description = "seconds between two streams; default ${DEFAULT-VALUE}")
  private int everyS;

  @Option(
      names = "--most",
      defaultValue = "16",
      description = "streams at most; default ${DEFAULT-VALUE}")
  private int most;

  @Option(
      names = "--alone",
      defaultValue = "72",
      description =
          "seconds of one stream before the others: the second half tells predicted from measured"
              + " cost, so each half should be whole turns of the clip; default ${DEFAULT-VALUE}")
  private int aloneS;

  @Option(
      names = "--hold",
      defaultValue = "30",
      description = "seconds of the whole load; default ${DEFAULT-VALUE}")
  private int holdS;

  @Option(
      names = "--keep",
      defaultValue = "1",
      description = "streams that stay when the load leaves; default ${DEFAULT-VALUE}")
  private int keep;

  @Option(
      names = "--calm",
      defaultValue = "300",
      description = "seconds that are watched after that; default ${DEFAULT-VALUE}")
  private int calmS;

  @Option(
      names = "--clip",
      description =
          "what every stream sends, H.264 and AAC with a key frame every 2 s; a test picture of"
              + " 720p30 without it")
  private @Nullable Path clip;

  @Option(
      names = "--source",
      defaultValue = "1280x720@30",
      description = "what the clip is, for the prediction; default ${DEFAULT-VALUE}")
  private String source = "";

  @Option(names = "--ffmpeg", defaultValue = "ffmpeg", description = "program, for --clip")
  private String ffmpeg = "";

  @Option(
      names = "--clip-seconds",
      defaultValue = "36",
      description = "of the clip, again and again; default ${DEFAULT-VALUE}")
  private int clipS;

  @Option(
      names = "--millrace",
      defaultValue = "./millrace run",
      description = "default ${DEFAULT-VALUE}")
  private String millrace = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  @Option(names = "--keep-log", description = "a file for the server's log")
  private @Nullable Path keepLog;

  private final PrintStream progress = System.err;
  private final List<Feed> feeds = new ArrayList<>();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("millrace-overload");
    Loops loops = Loops.open(1, "publisher");
    try {
      String report = measure(work, loops);
      System.out.println(report);
      if (out != null) {
        Files.writeString(out, report);
      }
      return 0;
    } finally {
      if (keepLog != null && Files.exists(LiveServer.log(work))) {
        Files.write(keepLog, Files.readAllBytes(LiveServer.log(work)));
      }
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
      Directories.delete(work);
    }
  }

  private FlvClip clip(Path work) throws IOException, InterruptedException {
    if (clip == null) {
      return LiveRig.clip();
    }
    Path absolute = clip.toAbsolutePath();
    return FlvClip.read(Clip.looped(ffmpeg, absolute, Duration.ofSeconds(clipS), work));
  }

  private String measure(Path work, Loops loops) throws IOException, InterruptedException {
    FlvClip media = clip(work);
    Path data = Files.createDirectories(work.resolve("data"));
    Path config = Files.writeString(work.resolve("millrace.yaml"), Ladder.config(data));
    List<String> command = List.of(millrace.split(" ", -1));
    progress.println("calibrating …");
    Prediction plan = Prediction.ask(command.subList(0, command.size() - 1), config, source);
    MachineLoad quiet = MachineLoad.now();
    TimeUnit.SECONDS.sleep(2);
    double idleBefore = 1 - MachineLoad.now().busySince(quiet);
    try (LiveServer server = LiveServer.launch(command, work, config)) {
      return measure(server, LiveServer.log(work), loops, media, plan, idleBefore);
    }
  }

  private String measure(
      LiveServer server, Path log, Loops loops, FlvClip media, Prediction plan, double idleBefore)
      throws IOException, InterruptedException {
    double cores = Runtime.getRuntime().availableProcessors();
    MachineLoad load = MachineLoad.now();
    try (Observation observation = new Observation(server, log)) {
      add(server, loops, media);
      pass(aloneS / 2);
      Sample from = observation.samples().getLast();
      pass(aloneS - aloneS / 2);
      Sample to = observation.samples().getLast();
      CostCheck costs = new CostCheck(feeds.getFirst().course().name(), from, to, plan);
      while (feeds.size() < most && feeds.size() * costs.whole().measured() < factor * cores) {
        add(server, loops, media);
        pass(everyS);
      }
      progress.println("all streams are there");
      pass(holdS);
      for (Feed feed : feeds.subList(Math.min(keep, feeds.size()), feeds.size())) {
        feed.stop();
      }
      long leftMs = System.currentTimeMillis();
      progress.println("the load has left");
      pass(calmS);
      double busy = MachineLoad.now().busySince(load);
      long endMs = System.currentTimeMillis();
      for (Feed feed : feeds) {
        feed.stop();
      }
      Account account =
          new Account(
              feeds.stream().map(Feed::course).toList(),
              observation.steps(),
              observation.samples(),
              leftMs,
              endMs);
      return new OverloadReport(
              account,
              feeds,
              plan,
              costs,
              cores,
              bytesPerMs(media),
              busy,
              idleBefore,
              observation.failures(),
              observation.givenUpSources())
          .toString();
    }
  }

  private static double bytesPerMs(FlvClip media) {
    long bytes = media.tags().stream().mapToLong(tag -> tag.body().readableBytes()).sum();
    return (double) bytes / media.durationMs();
  }

  private void add(LiveServer server, Loops loops, FlvClip media)
      throws IOException, InterruptedException {
    List<String> watch = new ArrayList<>(Ladder.SURVIVORS);
    watch.add(Ladder.LAST);
    String name = "live/s" + (feeds.size() + 1);
    Feed feed = Feed.start(loops, server.port("rtmp"), server.address(false), name, media, watch);
    feeds.add(feed);
    String refusal = feed.course().refusal();
    progress.println(name + (refusal.isEmpty() ? "" : " is refused: " + refusal));
  }

  private void pass(int seconds) throws InterruptedException {
    long untilNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (System.nanoTime() - untilNs < 0) {
      feeds.forEach(Feed::look);
      TimeUnit.MILLISECONDS.sleep(TICK_MS);
    }
  }
}
