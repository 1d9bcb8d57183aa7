package io.millrace.transport.http;

import io.millrace.transport.LoopWaiters;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Content that is still being made, such as a media segment at the live edge. Replies share one
 * instance: its source is listened to once, and a new chunk costs one task for each event loop that
 * has readers. Thread-safe.
 */
public final class GrowingContent {
  /** Who makes it. */
  public interface Source {
    /** What there is; any thread, at once. */
    Growth growth();

    /**
     * Has {@code wake} run after each change, on any thread. Called once; the registration ends
     * with the content.
     */
    void onGrowth(Runnable wake);
  }

  /** How far it is. */
  public enum State {
    GROWING,
    /** The chunks are all of it. */
    COMPLETE,
    /** It will never be complete. */
    ABANDONED
  }

  /**
   * How far content is. Immutable; a later one begins with the same chunks.
   *
   * @param chunks in order; shared, never written to
   */
  public record Growth(List<byte[]> chunks, State state) {}

  private final Source source;
  private final AtomicBoolean listening = new AtomicBoolean();
  private final LoopWaiters readers = new LoopWaiters();

  public GrowingContent(Source source) {
    this.source = source;
  }

  /** What there is now. */
  public Growth growth() {
    return source.growth();
  }

  /**
   * Has a reader told of changes until it leaves; on its loop. It looks at {@link #growth}
   * afterwards.
   */
  public void await(Executor loop, LoopWaiters.Waiter reader) {
    readers.join(loop, reader);
    if (listening.compareAndSet(false, true)) {
      source.onGrowth(readers::wake);
    }
  }
}
