package io.millrace.loadtest.bench;

import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.loadtest.bench.LadderReport.Result;
import io.millrace.loadtest.bench.MeasuredCommand.Usage;
import io.millrace.loadtest.process.Directories;
import io.millrace.loadtest.process.ManagedProcess;
import io.millrace.loadtest.publish.FlvClip;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * CPU, wall time and memory of ladders: Millrace's transcoder in a process of its own beside {@code
 * ffmpeg} with the same encoders, the program of the same bundle: one command, once with its own
 * choice of threads and once with Millrace's, and a command for each rung, side by side. Rounds
 * interleaved.
 */
@Command(
    name = "ladder",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "CPU of a ladder, Millrace beside ffmpeg with the same encoders.")
public final class LadderComparison implements Callable<Integer> {
  private static final Duration RUN_LIMIT = Duration.ofMinutes(10);
  private static final String MILLRACE = "Millrace";
  private static final String STOCK = "ffmpeg, own threads";
  private static final String SAME = "ffmpeg, same threads";
  private static final String APART = "an ffmpeg a rung";
  private static final List<String> CONTENDERS = List.of(MILLRACE, STOCK, SAME, APART);

  /**
   * What a server starts its workers with, as far as it costs CPU or memory ({@code WorkerCommand}
   * there).
   */
  private static final List<String> WORKER_FLAGS =
      List.of(
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xms16m",
          "-Xmx128m",
          "-XX:-UsePerfData",
          "-Xlog:aot=off",
          "-Xlog:aot*=off",
          "-Xlog:cds=off",
          "-Xlog:cds*=off",
          "-Dio.netty.leakDetection.level=disabled",
          "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");

  @Option(names = "--rounds", defaultValue = "3", description = "default ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "75",
      description = "how long the clip is made by repeating it; default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--clip",
      description = "H.264 or HEVC of at least 720 lines; one is made with ffmpeg if left out")
  private @Nullable Path clip;

  @Option(
      names = "--ladder",
      split = ",",
      description = "${COMPLETION-CANDIDATES}; default all that the clip is large enough for")
  private @Nullable List<LadderCase> ladders;

  @Option(names = "--ffmpeg", defaultValue = "ffmpeg", description = "prepares the clip")
  private String ffmpeg = "";

  @Option(names = "--ffprobe", defaultValue = "ffprobe", description = "describes the clip")
  private String ffprobe = "";

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  private final PrintStream progress = System.err;

  /** Runs the comparison by itself. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new LadderComparison()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("millrace-bench");
    try {
      Path program = BundledFfmpeg.extract(Files.createDirectory(work.resolve("ffmpeg")));
      Path source = clip != null ? clip.toAbsolutePath() : Clip.synthetic(ffmpeg, work);
      Path media = Clip.looped(ffmpeg, source, Duration.ofSeconds(seconds), work);
      FlvClip parsed = FlvClip.read(media);
      ClipVideo video = new ClipVideo(parsed);
      List<String> java = java(work, media, wanted(video).getFirst());
      List<Result> results = rounds(java, program, media, video, work);
      print(program, source, media, parsed.durationMs() / 1e3, results);
      return 0;
    } finally {
      Directories.delete(work);
    }
  }

  private List<Result> rounds(
      List<String> java, Path program, Path media, ClipVideo video, Path work)
      throws IOException, InterruptedException {
    List<Result> results = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      for (LadderCase ladder : wanted(video)) {
        for (String contender : inTurn(round)) {
          progress.printf(
              "round %d of %d: %s, %s, load average %s%n",
              round + 1, rounds, ladder.title(), contender, Machine.loadAverage());
          results.add(run(contender, ladder, video, java, program, media, work));
          progress.println("  " + results.getLast().usage().cpuS() + " CPU s");
        }
      }
    }
    return results;
  }

  private List<LadderCase> wanted(ClipVideo video) throws IOException {
    if (ladders == null) {
      return Stream.of(LadderCase.values()).filter(ladder -> fits(ladder, video)).toList();
    }
    for (LadderCase ladder : ladders) {
      if (!fits(ladder, video)) {
        throw new IOException("the clip is too small for " + ladder.title());
      }
    }
    return ladders;
  }

  private static boolean fits(LadderCase ladder, ClipVideo video) {
    return LadderPlan.resolve(ladder.ladder(), video.format()).skipped().isEmpty();
  }

  private static List<String> inTurn(int round) {
    List<String> turned = new ArrayList<>(CONTENDERS);
    Collections.rotate(turned, round);
    return turned;
  }

  private static Result run(
      String contender,
      LadderCase ladder,
      ClipVideo video,
      List<String> java,
      Path program,
      Path media,
      Path work)
      throws IOException, InterruptedException {
    boolean millrace = contender.equals(MILLRACE);
    List<List<String>> commands =
        millrace
            ? List.of(command(java, media, ladder))
            : plans(contender, ladder, video).stream()
                .map(plan -> new FfmpegLadder(program, contender.equals(SAME)).command(plan, media))
                .toList();
    Usage usage = MeasuredCommand.runAll(commands, work, RUN_LIMIT);
    LadderOutput output =
        millrace ? LadderOutput.ofMillrace(usage.output()) : LadderOutput.ofFfmpeg(usage.output());
    return new Result(ladder, contender, usage, output);
  }

  /** What each command of ffmpeg makes. */
  private static List<LadderPlan> plans(String contender, LadderCase ladder, ClipVideo video) {
    List<Ladder> parts = contender.equals(APART) ? ladder.single() : List.of(ladder.ladder());
    return parts.stream().map(part -> LadderPlan.resolve(part, video.format())).toList();
  }

  /**
   * A JVM like this one, with the settings of a worker, and with a cache of loaded classes as a
   * server makes it for its workers: once, which is not measured.
   */
  private static List<String> java(Path work, Path media, LadderCase ladder)
      throws IOException, InterruptedException {
    List<String> java = new ArrayList<>();
    java.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    java.addAll(WORKER_FLAGS);
    java.addAll(List.of("-cp", jars(work)));
    Path cache = work.resolve("classes.aot");
    List<String> training = new ArrayList<>(java);
    training.add("-XX:AOTCacheOutput=" + cache);
    MeasuredCommand.runAll(List.of(command(training, media, ladder)), work, RUN_LIMIT);
    java.add("-XX:AOTCache=" + cache);
    return java;
  }

  /** The class path of this JVM; there is a cache for files in it, and none for folders. */
  private static String jars(Path work) throws IOException {
    List<String> jars = new ArrayList<>();
    for (String entry :
        Objects.requireNonNull(System.getProperty("java.class.path")).split(File.pathSeparator)) {
      Path path = Path.of(entry);
      jars.add(
          Files.isDirectory(path)
              ? Directories.jar(path, work.resolve(jars.size() + ".jar")).toString()
              : entry);
    }
    return String.join(File.pathSeparator, jars);
  }

  private static List<String> command(List<String> java, Path media, LadderCase ladder) {
    List<String> command = new ArrayList<>(java);
    command.addAll(List.of(LadderRun.class.getName(), media.toString(), ladder.name()));
    return command;
  }

  private void print(Path program, Path source, Path media, double contentS, List<Result> results)
      throws IOException, InterruptedException {
    String version =
        ManagedProcess.output(
                Duration.ofSeconds(10),
                Path.of("").toAbsolutePath(),
                List.of(program.toString(), "-version"))
            .lines()
            .findFirst()
            .orElse("ffmpeg");
    StringBuilder text = new StringBuilder();
    text.append(Machine.describe()).append("\n\n");
    text.append("- clip: ").append(source.getFileName()).append(", repeated to ");
    text.append(Math.round(contentS)).append(" s; ").append(Clip.describe(ffprobe, media));
    text.append("\n- ").append(version).append("; ").append(rounds).append(" rounds\n");
    results.stream()
        .filter(result -> result.contender().equals(MILLRACE))
        .flatMap(result -> result.usage().output().lines())
        .filter(line -> line.startsWith("rung ") || line.startsWith("decoded "))
        .map(line -> line.replaceAll("^rung (\\S+) \\d+ \\d+ \\d+ ", "$1: "))
        .distinct()
        .forEach(line -> text.append("- Millrace ").append(line).append('\n'));
    text.append('\n').append(new LadderReport(CONTENDERS, contentS, results).markdown());
    System.out.println(text);
    if (out != null) {
      Files.writeString(out, text);
    }
  }
}
