package io.millrace.server;

import io.millrace.server.config.Config;
import java.io.PrintStream;

/** The server: listeners, live streams and what joins them. */
public final class Millrace implements ServerRunner {
  @Override
  public int run(Config config, boolean demo, PrintStream out) {
    throw new UnsupportedOperationException("the server is not part of this build");
  }
}
