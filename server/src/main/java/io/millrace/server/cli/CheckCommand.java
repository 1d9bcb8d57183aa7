package io.millrace.server.cli;

import io.millrace.server.config.ConfigLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace check}: exit code 0 where the server would start with it, 2 where not. */
@Command(
    name = "check",
    description = "Checks a configuration and says everything that is wrong with it.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ConfigOptions options = new ConfigOptions();

  CheckCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    ConfigLoader.Loaded loaded = options.load(terminal.err());
    int warnings = loaded.warnings().size();
    terminal
        .out()
        .println(
            (options.file() == null ? "defaults" : options.file())
                + ": fine"
                + (warnings == 0
                    ? ""
                    : ", with " + warnings + (warnings == 1 ? " warning" : " warnings")));
    return MillraceCommand.OK;
  }
}
