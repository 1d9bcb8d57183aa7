package io.millrace.packager;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The ffmpeg program where it is installed; absent in CI is a failure, elsewhere a skip. */
public final class Ffmpeg {
  private static final int DEADLINE_S = 120;

  private Ffmpeg() {}

  /** Runs ffmpeg with its trace of bitstream headers on and returns that. */
  public static String trace(Path directory, String... arguments)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile(directory, "trace", ".txt");
    List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "trace", "-nostdin", "-y"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(errors.toFile())
            .start();
    if (!process.waitFor(DEADLINE_S, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail("ffmpeg did not end: " + command);
    }
    return Files.readString(errors, StandardCharsets.UTF_8);
  }

  /** Runs ffmpeg in a directory and returns what it wrote to standard output. */
  public static String run(Path directory, String... arguments)
      throws IOException, InterruptedException {
    return run(directory, null, arguments);
  }

  /**
   * The same with a file as standard input.
   *
   * @param input null: none
   */
  public static String run(Path directory, @Nullable Path input, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(directory, "out", ".txt");
    Path errors = Files.createTempFile(directory, "err", ".txt");
    List<String> command = new ArrayList<>(List.of("ffmpeg", "-v", "error", "-nostdin", "-y"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(directory.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    if (input != null) {
      builder.redirectInput(input.toFile());
    }
    builder.environment().put("SVT_LOG", "1"); // errors only
    Process process = builder.start();
    if (!process.waitFor(DEADLINE_S, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail("ffmpeg did not end: " + command);
    }
    String complaints = Files.readString(errors, StandardCharsets.UTF_8);
    if (process.exitValue() != 0 || !complaints.isBlank()) {
      fail(command + " exit " + process.exitValue() + "\n" + complaints);
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  public static void assumeInstalled(String encoder) throws InterruptedException {
    boolean found;
    try {
      Process process =
          new ProcessBuilder("ffmpeg", "-hide_banner", "-h", "encoder=" + encoder)
              .redirectErrorStream(true)
              .start();
      String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      found = process.waitFor() == 0 && help.contains("Encoder " + encoder);
    } catch (IOException e) {
      found = false;
    }
    if (!found && "true".equals(System.getenv("CI"))) {
      fail("ffmpeg with " + encoder + " is not installed");
    }
    assumeTrue(found, "ffmpeg with " + encoder + " is not installed");
  }
}
