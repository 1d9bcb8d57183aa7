package io.millrace.loadtest.bench;

import io.millrace.loadtest.bench.PassthroughRun.Result;
import io.millrace.loadtest.bench.PassthroughRun.Timing;
import io.millrace.loadtest.process.Directories;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * CPU seconds per stream-minute of passthrough ingest to HLS, Millrace beside nginx-rtmp: the same
 * publishers, viewers and clip, rounds interleaved.
 */
@Command(
    name = "passthrough",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "CPU of passthrough RTMP to HLS, Millrace beside nginx-rtmp.")
public final class PassthroughComparison implements Callable<Integer> {
  @Option(names = "--rounds", defaultValue = "3", description = "default ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--streams",
      split = ",",
      defaultValue = "1,10",
      description = "numbers of streams; default ${DEFAULT-VALUE}")
  private List<Integer> streamCounts = List.of();

  @Option(
      names = "--warm-up",
      defaultValue = "20",
      description = "seconds before the early window; default ${DEFAULT-VALUE}")
  private int warmUpS;

  @Option(
      names = "--late",
      defaultValue = "120",
      description = "seconds before the late window, 0 for none; default ${DEFAULT-VALUE}")
  private int lateS;

  @Option(
      names = "--window",
      defaultValue = "60",
      description = "seconds measured; default ${DEFAULT-VALUE}")
  private int windowS;

  @Option(names = "--clip", description = "H.264 and AAC; one is made with ffmpeg if left out")
  private @Nullable Path clip;

  @Option(
      names = "--millrace",
      description = "NAME=COMMAND, may be repeated; default millrace=./millrace run")
  private Map<String, String> millrace = new LinkedHashMap<>();

  @Option(names = "--only-peer", description = "leave Millrace out, to try the peer")
  private boolean onlyPeer;

  @Option(names = "--nginx", defaultValue = "nginx", description = "program")
  private String nginx = "";

  @Option(
      names = "--nginx-rtmp-module",
      defaultValue = "/usr/lib/nginx/modules/ngx_rtmp_module.so",
      description = "default ${DEFAULT-VALUE}")
  private Path nginxModule = Path.of("");

  @Option(names = "--ffmpeg", defaultValue = "ffmpeg", description = "publishes; default from PATH")
  private String ffmpeg = "";

  @Option(names = "--ffprobe", defaultValue = "ffprobe", description = "default from PATH")
  private String ffprobe = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  private final PrintStream progress = System.err;

  /** Runs the comparison by itself. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new PassthroughComparison()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!Files.exists(nginxModule)) {
      progress.println(nginxModule + " is not there (Debian: apt install libnginx-mod-rtmp)");
      return 1;
    }
    Timing timing =
        new Timing(
            Duration.ofSeconds(warmUpS), Duration.ofSeconds(lateS), Duration.ofSeconds(windowS));
    Path work = Files.createTempDirectory("millrace-bench");
    try {
      Path media = clip != null ? clip.toAbsolutePath() : Clip.synthetic(ffmpeg, work);
      List<ServerUnderTest> servers = servers();
      String header = header(servers, media);
      List<Result> results = rounds(servers, timing, publishCommand(media), work);
      List<String> names = servers.stream().map(ServerUnderTest::name).toList();
      print(header + new PassthroughReport(names, streamCounts, timing, results).markdown());
      return 0;
    } finally {
      Directories.delete(work);
    }
  }

  private List<ServerUnderTest> servers() {
    List<ServerUnderTest> servers = new ArrayList<>();
    Path here = Path.of("").toAbsolutePath();
    if (millrace.isEmpty() && !onlyPeer) {
      millrace.put("millrace", "./millrace run");
    }
    millrace.forEach(
        (name, command) ->
            servers.add(new MillraceServer(name, List.of(command.split(" ", -1)), here)));
    servers.add(new NginxRtmp(nginx, nginxModule));
    return servers;
  }

  private List<String> publishCommand(Path media) {
    return List.of(
        ffmpeg,
        "-nostdin",
        "-loglevel",
        "error",
        "-re",
        "-stream_loop",
        "-1",
        "-i",
        media.toString(),
        "-c",
        "copy",
        "-f",
        "flv");
  }

  private List<Result> rounds(
      List<ServerUnderTest> servers, Timing timing, List<String> publish, Path work)
      throws IOException, InterruptedException {
    List<Result> results = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (int streams : streamCounts) {
        for (ServerUnderTest server : inTurn(servers, round)) {
          progress.printf(
              "round %d of %d: %s, %d streams, load average %s%n",
              round + 1, rounds, server.name(), streams, Machine.loadAverage());
          Path directory = Files.createTempDirectory(work, "run");
          results.add(new PassthroughRun(server, streams, timing, publish).run(directory));
          Directories.delete(directory);
          progress.println("  " + results.getLast());
        }
      }
    }
    return results;
  }

  /** Each round starts with another server: none is always the one after the other. */
  private static List<ServerUnderTest> inTurn(List<ServerUnderTest> servers, int round) {
    List<ServerUnderTest> turned = new ArrayList<>(servers);
    Collections.rotate(turned, round);
    return turned;
  }

  /** Asking the servers for their versions also makes them build what is missing. */
  private String header(List<ServerUnderTest> servers, Path media)
      throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    text.append(Machine.describe()).append("\n\n");
    for (ServerUnderTest server : servers) {
      text.append("- ").append(server.name()).append(": ").append(server.describe()).append('\n');
    }
    text.append("- clip: ").append(Clip.describe(ffprobe, media)).append('\n');
    text.append("- publishers: `ffmpeg -re -stream_loop -1 -i CLIP -c copy -f flv URL`; ");
    return text.append(rounds).append(" rounds\n\n").toString();
  }

  private void print(String text) throws IOException {
    System.out.println(text);
    if (out != null) {
      Files.writeString(out, text);
    }
  }
}
