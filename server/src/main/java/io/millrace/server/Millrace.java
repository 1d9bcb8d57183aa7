package io.millrace.server;

import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigSource;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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
  public int run(Config config, ConfigSource source, boolean demo, PrintStream out) {
    AtomicReference<@Nullable RunningServer> running = new AtomicReference<>();
    Signals signals =
        Signals.install(
            () -> {
              RunningServer server = running.get();
              if (server != null) {
                var _ = server.reload();
              }
            });
    try (RunningServer server = RunningServer.start(config, source);
        DemoPublisher _ = demo ? server.startDemo() : null) {
      running.set(server);
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
