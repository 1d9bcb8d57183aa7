package io.millrace.loadtest.quality;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The program {@code vmaf} of Netflix' libvmaf, 2.0 or later, which has its models inside.
 *
 * @param program a path, or a name in {@code PATH}
 * @param version as it says itself
 */
record Vmaf(String program, String version) {
  private static final String MISSING =
      "does not run. It is libvmaf's own program: https://github.com/Netflix/vmaf, folder libvmaf:"
          + " \"meson setup build --buildtype release && ninja -C build\" makes build/tools/vmaf"
          + " (needs meson, ninja, nasm and xxd). Name it with --vmaf.";

  private static final Duration LIMIT = Duration.ofMinutes(10);

  /**
   * Asks it who it is.
   *
   * @throws IOException saying what to install, when there is none
   */
  static Vmaf find(String program) throws IOException, InterruptedException {
    try {
      String version =
          ManagedProcess.output(
              Duration.ofSeconds(10), Path.of("").toAbsolutePath(), List.of(program, "--version"));
      return new Vmaf(program, version.strip());
    } catch (IOException e) {
      throw new IOException("\"" + program + "\" " + MISSING, e);
    }
  }

  /** Compares two YUV4MPEG2 files picture by picture. */
  Score score(Path reference, Path distorted, Path work) throws IOException, InterruptedException {
    Path report = work.resolve("vmaf.xml");
    ManagedProcess.output(
        LIMIT,
        work,
        List.of(
            program,
            "--reference",
            reference.toString(),
            "--distorted",
            distorted.toString(),
            "--model",
            "version=vmaf_v0.6.1",
            "--feature",
            "psnr",
            "--feature",
            "float_ssim",
            "--threads",
            "2",
            "--quiet",
            "--xml",
            "--output",
            report.toString()));
    return parse(Files.readString(report));
  }

  /**
   * Reads its XML.
   *
   * @throws IllegalArgumentException when a metric is not there
   */
  static Score parse(String xml) {
    return new Score(mean(xml, "vmaf"), mean(xml, "psnr_y"), mean(xml, "float_ssim"));
  }

  private static double mean(String xml, String metric) {
    Matcher matcher =
        Pattern.compile("<metric name=\"" + metric + "\"[^>]* mean=\"([0-9.]+)\"").matcher(xml);
    if (!matcher.find()) {
      throw new IllegalArgumentException("no " + metric + " in vmaf's report");
    }
    return Double.parseDouble(matcher.group(1));
  }
}
