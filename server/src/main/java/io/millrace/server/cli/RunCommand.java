package io.millrace.server.cli;

import io.millrace.server.config.Config;
import io.millrace.server.log.Logs;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace run}. */
@Command(name = "run", description = "Starts the server.", mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ConfigOptions options = new ConfigOptions();

  RunCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Config config = options.load(terminal.err()).config();
    Logs.configure(config.log());
    return terminal.runner().run(config, options::reload, false, terminal.out());
  }
}
