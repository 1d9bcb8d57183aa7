package io.millrace.server.cli;

import io.millrace.server.config.Config;
import io.millrace.server.log.Logs;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code millrace demo}. */
@Command(
    name = "demo",
    description = "Starts the server with a built-in publisher: a moving test picture and a tone.",
    mixinStandardHelpOptions = true)
final class DemoCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Mixin private ConfigOptions options = new ConfigOptions();

  DemoCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Config config = options.load(terminal.err()).config();
    Logs.configure(config.log());
    return terminal.runner().run(config, options::reload, true, terminal.out());
  }
}
