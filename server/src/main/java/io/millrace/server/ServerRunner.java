package io.millrace.server;

import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigSource;
import java.io.PrintStream;

/** The server as the command line sees it. */
@FunctionalInterface
public interface ServerRunner {
  /**
   * Starts the server and stays until it has ended.
   *
   * @param source of {@code config}, and of those to come when it is to be reloaded
   * @param demo with the built-in publisher
   * @param out takes what a person should read: addresses, URLs, the first-start key
   * @return the exit code of the process
   * @throws StartFailure if it cannot start; everything it had opened is closed
   */
  int run(Config config, ConfigSource source, boolean demo, PrintStream out);
}
