package io.millrace.server;

import io.millrace.server.config.Config;
import java.io.PrintStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code millrace run} and {@code millrace demo}: starts the server and stays until a signal ends
 * it.
 */
public final class Millrace implements ServerRunner {
  private static final Logger LOG = LoggerFactory.getLogger(Millrace.class);
  private static final Duration DRAIN = Duration.ofSeconds(20);

  @Override
  public int run(Config config, boolean demo, PrintStream out) {
    Signals signals =
        Signals.install(
            () ->
                LOG.atWarn()
                    .log("the configuration is read at the start only; restart to apply it"));
    try (RunningServer server = RunningServer.start(config);
        DemoPublisher _ = demo ? server.startDemo() : null) {
      server.print(out, demo ? DemoPublisher.STREAM : null);
      signals.await();
      LOG.atInfo().log("stopping");
      server.drain(DRAIN);
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }
}
