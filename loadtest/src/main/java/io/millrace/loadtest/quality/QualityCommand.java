package io.millrace.loadtest.quality;

import io.millrace.loadtest.bench.Machine;
import io.millrace.loadtest.bench.Median;
import io.millrace.loadtest.process.Directories;
import io.millrace.loadtest.process.ManagedProcess;
import io.millrace.loadtest.quality.Score.Metric;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Rate and quality of live rungs: clips through the server's transcoder at several rates, what
 * comes out compared with what went in.
 */
@Command(
    name = "quality",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Rate and quality (VMAF, PSNR, SSIM) of live rungs, BD-rate against the H.264 ones, CPU and",
      "delay. Needs ffmpeg with an AV1 decoder, and libvmaf's program vmaf."
    })
public final class QualityCommand implements Callable<Integer> {
  private static final Duration RUN_LIMIT = Duration.ofMinutes(5);

  @Parameters(arity = "1..*", paramLabel = "CLIP", description = "anything that ffmpeg reads")
  private List<Path> clips = List.of();

  @Option(
      names = "--rung",
      paramLabel = "CODEC:PROFILE:PRESET:RATE:POINTS[:BFRAMES[:TUNE]]",
      description = {
        "by the words of a ladder's rung; POINTS are kbit/s, or qualities with capped-crf, with",
        "commas between them. May be repeated; default: x264 and SVT-AV1 in both profiles"
      })
  private List<String> rungs =
      List.of(
          "h264:quality:veryfast:vbr:600,1000,1600,2500,4000",
          "h264:fast:veryfast:cbr:600,1000,1600,2500,4000",
          "av1:quality:10:vbr:300,600,1000,1600,2500",
          "av1:quality:9:vbr:300,600,1000,1600,2500",
          "av1:quality:8:vbr:300,600,1000,1600,2500",
          "av1:fast:11:cbr:300,600,1000,1600,2500");

  @Option(
      names = "--cap",
      defaultValue = "6000",
      description = "kbit/s that capped-crf may take at most; default ${DEFAULT-VALUE}")
  private int capKbps;

  @Option(names = "--from", defaultValue = "0", description = "seconds into a clip")
  private int from;

  @Option(
      names = "--seconds",
      defaultValue = "16",
      description = "of a clip, at most; default ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--height",
      defaultValue = "720",
      description = "lines that a clip is scaled to first; default ${DEFAULT-VALUE}")
  private int heightPx;

  @Option(names = "--fps", description = "pictures a second; default: the clip's own")
  private @Nullable String fps;

  @Option(
      names = "--rounds",
      defaultValue = "1",
      description = "how often each is encoded; CPU is the median; default ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--no-delay",
      description = "without the runs at the pictures' own pace, one a rung")
  private boolean noDelay;

  @Option(
      names = "--vmaf",
      defaultValue = "vmaf",
      description = "libvmaf's program; default ${DEFAULT-VALUE}")
  private String vmaf = "";

  @Option(names = "--ffmpeg", defaultValue = "ffmpeg", description = "decodes; default in PATH")
  private String ffmpeg = "";

  @Option(names = "--plots", description = "an existing folder for CLIP-METRIC.svg")
  private @Nullable Path plots;

  @Option(names = "--out", description = "a file for the report, besides standard output")
  private @Nullable Path out;

  @Spec private @Nullable CommandSpec spec;

  /** As {@link EncodeRun} calls it. */
  private static final String FAST = "fast";

  private final PrintStream progress = System.err;

  /** One kind of run of a contender at one of its points. */
  private record Cell(Contender contender, int value) {}

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Contender> contenders = contenders();
    Vmaf program;
    try {
      program = Vmaf.find(vmaf);
    } catch (IOException e) {
      progress.println(e.getMessage());
      return 1;
    }
    StringBuilder text = new StringBuilder();
    text.append(Machine.describe()).append("; libvmaf ").append(program.version()).append('\n');
    for (Path clip : clips) {
      Path work = Files.createTempDirectory("millrace-quality");
      try {
        text.append('\n').append(measure(clip.toAbsolutePath(), contenders, program, work));
      } finally {
        Directories.delete(work);
      }
    }
    System.out.print(text);
    if (out != null) {
      Files.writeString(out, text);
    }
    return 0;
  }

  private List<Contender> contenders() {
    try {
      return rungs.stream().map(Contender::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), "--rung: " + e.getMessage(), e);
    }
  }

  private String measure(Path clip, List<Contender> contenders, Vmaf program, Path work)
      throws IOException, InterruptedException {
    Reference reference = Reference.make(ffmpeg, clip, work, from, seconds, heightPx, fps);
    String name = clip.getFileName().toString().replaceFirst("\\.[^.]*$", "");
    Map<Cell, Encoding> encodings = encode(contenders, reference, work);
    Map<Contender, Delay> delays = noDelay ? Map.of() : delays(contenders, reference, work);
    progress.println("everything is encoded");
    List<Point> points = new ArrayList<>();
    for (Contender contender : contenders) {
      for (int value : contender.points()) {
        Cell cell = new Cell(contender, value);
        Encoding encoding = Objects.requireNonNull(encodings.get(cell));
        Score score = score(cell, reference, program, work);
        points.add(new Point(contender, value, encoding, score));
        progress.printf(
            Locale.ROOT,
            "%s @ %d: %.0f kbit/s, VMAF %.2f, %.3f CPU s per s%n",
            contender.label(),
            value,
            encoding.kbps(),
            score.vmaf(),
            encoding.cpuPerS());
      }
    }
    plot(name, contenders, points);
    return heading(name, reference, points)
        + new QualityReport(contenders, points, delays).markdown();
  }

  /** Round by round, and in a round rate by rate, so that everybody meets the same weather. */
  private Map<Cell, Encoding> encode(List<Contender> contenders, Reference reference, Path work)
      throws IOException, InterruptedException {
    Map<Cell, List<Encoding>> all = new HashMap<>();
    int most = contenders.stream().mapToInt(each -> each.points().size()).max().orElseThrow();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < most; i++) {
        for (Contender contender : contenders) {
          if (i < contender.points().size()) {
            Cell cell = new Cell(contender, contender.points().get(i));
            String output = run(cell, reference, work, FAST);
            all.computeIfAbsent(cell, _ -> new ArrayList<>())
                .add(Encoding.parse(output, reference));
          }
        }
        progress.printf(
            "round %d of %d, point %d of %d encoded, load average %s%n",
            round + 1, rounds, i + 1, most, Machine.loadAverage());
      }
    }
    Map<Cell, Encoding> medians = new HashMap<>();
    all.forEach((cell, runs) -> medians.put(cell, median(runs)));
    return medians;
  }

  private static Encoding median(List<Encoding> runs) {
    return new Encoding(
        Median.of(runs.stream().map(Encoding::kbps).toList()),
        Median.of(runs.stream().map(Encoding::cpuPerS).toList()),
        Median.of(runs.stream().map(Encoding::realTime).toList()),
        runs.getFirst().engine());
  }

  private Score score(Cell cell, Reference reference, Vmaf program, Path work)
      throws IOException, InterruptedException {
    Path raw = work.resolve("decoded.y4m");
    Reference.decode(ffmpeg, coded(cell, work), raw, work);
    return program.score(reference.raw(), raw, work);
  }

  private Map<Contender, Delay> delays(List<Contender> contenders, Reference reference, Path work)
      throws IOException, InterruptedException {
    Map<Contender, Delay> delays = new HashMap<>();
    for (Contender contender : contenders) {
      String output = run(new Cell(contender, contender.middle()), reference, work, "paced");
      delays.put(contender, Delay.parse(output));
      progress.println(contender.label() + ": " + delays.get(contender));
    }
    return delays;
  }

  /** A JVM like this one, with the class path of this one and no other settings. */
  private String run(Cell cell, Reference reference, Path work, String pace)
      throws IOException, InterruptedException {
    return ManagedProcess.output(
        RUN_LIMIT,
        work,
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            Objects.requireNonNull(System.getProperty("java.class.path")),
            EncodeRun.class.getName(),
            reference.published().toString(),
            (pace.equals(FAST) ? coded(cell, work) : work.resolve("paced.mp4")).toString(),
            cell.contender().spec(),
            Integer.toString(cell.value()),
            Long.toString(capKbps * 1000L),
            pace));
  }

  private static Path coded(Cell cell, Path work) {
    String name = cell.contender().spec().replaceAll("[^a-z0-9-]+", "_");
    return work.resolve(name + "@" + cell.value() + ".mp4");
  }

  private void plot(String name, List<Contender> contenders, List<Point> points)
      throws IOException {
    if (plots == null) {
      return;
    }
    for (Metric metric : Metric.values()) {
      String title = name + ": " + metric.title() + " over bit rate";
      Files.writeString(
          plots.resolve(name + "-" + metric.name().toLowerCase(Locale.ROOT) + ".svg"),
          new CurvePlot(title, metric, contenders, points).svg());
    }
  }

  private static String heading(String name, Reference reference, List<Point> points) {
    String engines =
        String.join(", ", points.stream().map(point -> point.run().engine()).distinct().toList());
    return String.format(
        Locale.ROOT,
        "## %s%n%n%s at %.2f pictures a second, %.1f s; %s%n%n",
        name,
        reference.size(),
        reference.frameRate().toDouble(),
        reference.seconds(),
        engines);
  }
}
