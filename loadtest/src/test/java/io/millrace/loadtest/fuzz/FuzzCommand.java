package io.millrace.loadtest.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code loadtest/run fuzz}: the fuzz targets by hand, for longer than a build has time for. */
@Command(
    name = "loadtest/run fuzz",
    mixinStandardHelpOptions = true,
    description =
        "Fuzzes one target, or one after the other all of them, until time is up or something breaks.")
public final class FuzzCommand implements Callable<Integer> {
  private static final String BASE64 = "base64:";
  private static final String HEX = "hex:";

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--target",
      paramLabel = "NAME",
      description = "what to fuzz; without it, everything")
  private @Nullable String name;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "5",
      description = "for how long, each (default: ${DEFAULT-VALUE})")
  private double minutes;

  @Option(
      names = "--replay",
      paramLabel = "INPUT",
      description = "runs one input, without Jazzer: a file, hex:… or base64:…")
  private @Nullable String replay;

  @Option(
      names = "--folder",
      paramLabel = "FOLDER",
      description = "for corpora, findings and logs (default: loadtest/target/fuzz)")
  private @Nullable Path folder;

  @Option(names = "--list", description = "names the targets")
  private boolean list;

  FuzzCommand() {}

  /** Exit codes: 0 nothing found, 1 something broke, 2 bad usage. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new FuzzCommand()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (list) {
      FuzzTarget.ALL.forEach(target -> System.out.println(target.name()));
      return 0;
    }
    if (replay != null) {
      target().input().accept(input(replay));
      System.out.println("nothing broke");
      return 0;
    }
    boolean broken = false;
    for (FuzzTarget target : name == null ? FuzzTarget.ALL : List.of(target())) {
      broken |= !fuzz(target);
    }
    return broken ? 1 : 0;
  }

  private boolean fuzz(FuzzTarget target) throws IOException, InterruptedException {
    Duration duration = Duration.ofSeconds(Math.max(1, Math.round(minutes * 60)));
    Path to = folder == null ? defaultFolder() : folder.toAbsolutePath();
    System.out.printf("%s for %d s, log in %s%n", target.name(), duration.toSeconds(), to);
    try {
      JazzerRun.Outcome outcome = new JazzerRun(target, to).run(duration);
      System.out.printf(
          "%s: nothing found in %,d inputs, %,d edges covered%n",
          target.name(), outcome.executed(), outcome.coverage());
      return true;
    } catch (AssertionError e) {
      System.out.println(e.getMessage());
      return false;
    }
  }

  private FuzzTarget target() {
    if (name == null) {
      throw new ParameterException(spec.commandLine(), "--target is missing");
    }
    try {
      return FuzzTarget.named(name);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static byte[] input(String text) throws IOException {
    if (text.startsWith(BASE64)) {
      return Base64.getDecoder().decode(text.substring(BASE64.length()));
    }
    if (text.startsWith(HEX)) {
      return HexFormat.of().parseHex(text.substring(HEX.length()));
    }
    return Files.readAllBytes(Path.of(text));
  }

  /** Beside the classes that run: {@code loadtest/target/fuzz}. */
  static Path defaultFolder() {
    Path classes =
        Path.of(FuzzCommand.class.getProtectionDomain().getCodeSource().getLocation().getPath());
    return classes.resolveSibling("fuzz");
  }
}
