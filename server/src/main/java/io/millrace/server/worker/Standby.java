package io.millrace.server.worker;

import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One worker that has started and waits, so that no ladder has to wait for the start of a process:
 * not the next stream's, and not one whose own worker has just ended. Thread-safe.
 */
final class Standby implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Standby.class);

  /** The one that was taken starts its encoders first. */
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(30);

  /** Starts a process; does not wait for it. */
  @FunctionalInterface
  interface Start {
    Worker start() throws IOException;
  }

  private final Start start;
  private @Nullable Worker waiting;
  private long notBeforeNs;
  private boolean closed;

  Standby(Start start, long nowNs) {
    this.start = start;
    this.notBeforeNs = nowNs;
  }

  /** The one that waits, or another that is started now. The caller owns it. */
  synchronized Worker take(long nowNs) throws IOException {
    Worker taken = waiting;
    waiting = null;
    notBeforeNs = nowNs + PAUSE.toNanos();
    if (taken != null && hasEnded(taken)) {
      taken.close();
      taken = null;
    }
    return taken == null ? start.start() : taken;
  }

  /** Sees to it that one waits; called from time to time. */
  synchronized void look(long nowNs) {
    Worker there = waiting;
    if (there != null && hasEnded(there)) {
      LOG.atWarn().addKeyValue("pid", there.pid()).log("a worker has ended while it waited");
      there.close();
      waiting = null;
      notBeforeNs = nowNs + PAUSE_AFTER_FAILURE.toNanos();
    }
    if (waiting == null && !closed && nowNs - notBeforeNs >= 0) {
      try {
        waiting = start.start();
      } catch (IOException e) {
        LOG.atWarn().setCause(e).log("no worker could be started to wait for the next stream");
        notBeforeNs = nowNs + PAUSE_AFTER_FAILURE.toNanos();
      }
    }
  }

  private static boolean hasEnded(Worker worker) {
    return worker.awaitEnd(Duration.ZERO).isPresent();
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (waiting != null) {
      waiting.close();
      waiting = null;
    }
  }
}
