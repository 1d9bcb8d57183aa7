package io.millrace.codec.monitor;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import java.util.function.Consumer;

/**
 * Decodes the key frames and the sound of one input and says whether they are worth showing. Only
 * the main tracks are looked at.
 *
 * <p>{@link #accept} belongs to one thread and never blocks: a bounded queue drops its oldest
 * samples. Decoding is done by a thread of the monitor's own, which also calls the listener.
 */
public final class InputMonitor implements TrackSink, AutoCloseable {
  private volatile InputHealth health = InputHealth.FINE;

  /**
   * Starts a monitor.
   *
   * @param name of the stream and input, for logs and the thread's name; no secrets in it
   * @param listener hears of every change, on the monitor's thread; quick
   */
  public InputMonitor(String name, Consumer<InputHealth> listener) {}

  /** Takes {@code event}. */
  @Override
  public void accept(TrackEvent event) {
    event.release();
  }

  /** The newest verdict; any thread. */
  public InputHealth health() {
    return health;
  }

  /** Stops the thread, without waiting for it; it frees what it holds. Idempotent. */
  @Override
  public void close() {}
}
