package io.millrace.server.live;

import io.millrace.codec.monitor.InputHealth;
import io.millrace.codec.monitor.InputMonitor;
import io.millrace.media.TrackEvent;
import io.millrace.server.config.Failover;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what an input shows, and says when that has been wrong for longer than {@link Failover}
 * allows. On the stream's event loop; the work is done on a thread of its own.
 */
final class InputWatch implements AutoCloseable {
  private final Failover failover;
  private final InputMonitor monitor;
  private final Consumer<@Nullable String> listener;
  private @Nullable String fault;

  /**
   * @param name of stream and session, for logs
   * @param listener gets a fault, or null when there is none any more; on the monitor's thread
   */
  InputWatch(String name, Failover failover, Consumer<@Nullable String> listener) {
    this.failover = failover;
    this.listener = listener;
    this.monitor = new InputMonitor(name, this::judge);
  }

  /** Borrows {@code event}. */
  void look(TrackEvent event) {
    monitor.accept(event.retain());
  }

  private void judge(InputHealth health) {
    String found = fault(health, failover);
    if (found == null ? fault != null : fault == null) {
      fault = found;
      listener.accept(found);
    }
  }

  static @Nullable String fault(InputHealth health, Failover failover) {
    if (isOver(health.black(), failover.black())) {
      return "black picture for " + health.black().toMillis() + " ms";
    }
    if (isOver(health.frozen(), failover.frozen())) {
      return "frozen picture for " + health.frozen().toMillis() + " ms";
    }
    if (isOver(health.silent(), failover.silent())) {
      return "silence for " + health.silent().toMillis() + " ms";
    }
    return null;
  }

  private static boolean isOver(Duration measured, Duration allowed) {
    return !allowed.isZero() && measured.compareTo(allowed) >= 0;
  }

  @Override
  public void close() {
    monitor.close();
  }
}
