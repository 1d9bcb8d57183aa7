package io.millrace.server.cli;

import io.millrace.server.config.ConfigLoader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --config} and {@code --set}. */
final class ConfigOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file (YAML); without it, the defaults.")
  private @Nullable Path file;

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "Sets one key over the file, as in listen.rtmp=:0; may be repeated.")
  private List<String> sets = new ArrayList<>();

  @Nullable Path file() {
    return file;
  }

  /** Loads once more; the warnings are the caller's. */
  ConfigLoader.Loaded reload() {
    return ConfigLoader.load(file, sets);
  }

  /** Loads, with the warnings printed to {@code err}. */
  ConfigLoader.Loaded load(PrintStream err) {
    ConfigLoader.Loaded loaded = ConfigLoader.load(file, sets);
    MillraceCommand.printProblems(loaded.warnings(), err);
    return loaded;
  }
}
