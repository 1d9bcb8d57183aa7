package io.millrace.codec.quality;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The program {@code vmaf} of Netflix' libvmaf, 2.0 or later, which has its models inside. It runs
 * on one thread, and stands back behind everything else where the system has {@code nice}.
 *
 * @param program a path, or a name in {@code PATH}
 */
public record VmafProgram(Path program) implements QualityMeter {
  private static final Path NICE = Path.of("/usr/bin/nice");
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final int MAX_SAID = 300;
  private static final Pattern MEAN =
      Pattern.compile("<metric name=\"vmaf\"[^>]* mean=\"([0-9.]+)\"");

  @Override
  public double vmaf(Path reference, Path distorted, Path folder)
      throws IOException, InterruptedException {
    Path report = folder.resolve("vmaf.xml");
    List<String> command = new ArrayList<>();
    if (Files.isExecutable(NICE)) {
      command.addAll(List.of(NICE.toString(), "-n", "19"));
    }
    command.addAll(
        List.of(
            program.toString(),
            "--reference",
            reference.toString(),
            "--distorted",
            distorted.toString(),
            "--model",
            "version=vmaf_v0.6.1",
            "--threads",
            "1",
            "--quiet",
            "--xml",
            "--output",
            report.toString()));
    Path said = folder.resolve("vmaf.txt");
    run(new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile()), said);
    return mean(Files.readString(report));
  }

  private void run(ProcessBuilder builder, Path said) throws IOException, InterruptedException {
    Process process = builder.start();
    try {
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw new IOException(program + " took more than " + LIMIT.toSeconds() + " s");
      }
      if (process.exitValue() != 0) {
        String text = Files.readString(said).strip();
        throw new IOException(
            "%s ended with %d: %s"
                .formatted(
                    program,
                    process.exitValue(),
                    text.substring(0, Math.min(text.length(), MAX_SAID))));
      }
    } finally {
      process.destroyForcibly();
    }
  }

  /** Reads its XML. */
  static double mean(String xml) throws IOException {
    Matcher matcher = MEAN.matcher(xml);
    if (!matcher.find()) {
      throw new IOException("no vmaf in the program's report");
    }
    return Double.parseDouble(matcher.group(1));
  }
}
