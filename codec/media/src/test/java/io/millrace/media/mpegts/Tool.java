package io.millrace.media.mpegts;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Programs that tests run where they are installed; absent in CI is a failure, elsewhere a skip.
 */
final class Tool {
  private static final int DEADLINE_S = 120;

  private Tool() {}

  /** What a run wrote. */
  record Result(int exit, String output, String errors) {}

  static Result run(Path directory, String... command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "out", ".txt");
    Path errors = Files.createTempFile(directory, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    if (!process.waitFor(DEADLINE_S, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail(List.of(command) + " did not end");
    }
    return new Result(
        process.exitValue(),
        Files.readString(output, StandardCharsets.UTF_8),
        Files.readString(errors, StandardCharsets.UTF_8));
  }

  /** Runs ffmpeg, which must not complain. */
  static void ffmpeg(Path directory, String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-nostdin", "-y"));
    command.addAll(List.of(arguments));
    Result result = run(directory, command.toArray(String[]::new));
    if (result.exit != 0 || !result.errors.isBlank()) {
      fail(command + " exit " + result.exit + "\n" + result.errors);
    }
  }

  static void assumeFfmpegWith(String encoder) throws InterruptedException {
    boolean found = false;
    try {
      Process process =
          new ProcessBuilder("ffmpeg", "-hide_banner", "-h", "encoder=" + encoder)
              .redirectErrorStream(true)
              .start();
      String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      found = process.waitFor() == 0 && help.contains("Encoder " + encoder);
    } catch (IOException _) {
      // not installed
    }
    assume(found, "ffmpeg with " + encoder);
  }

  static void assumeInstalled(String program) {
    boolean found = false;
    for (String folder : System.getenv("PATH").split(":")) {
      found |= Files.isExecutable(Path.of(folder, program));
    }
    assume(found, program);
  }

  private static void assume(boolean found, String what) {
    if (!found && "true".equals(System.getenv("CI"))) {
      fail(what + " is not installed");
    }
    assumeTrue(found, what + " is not installed");
  }
}
