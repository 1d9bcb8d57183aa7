package io.millrace.transport.http;

import io.millrace.transport.LoopWaiters;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Content without an end in sight, made for one reply alone, such as a stream of events. It is
 * asked for the next piece only when the peer has taken what came before, up to a window, so that
 * nothing piles up for a peer that is slow: what becomes of that is the maker's affair. Unlike
 * {@link GrowingContent} it keeps nothing that was sent.
 *
 * <p>All methods are called on the event loop of the reply's connection.
 */
public interface LiveContent {
  /** The next bytes, at least one; null: there are none now. The array is never written to. */
  byte @Nullable [] next();

  /** True when {@link #next} gives nothing any more, ever: the reply is complete. */
  boolean ended();

  /**
   * The reply begins: has {@code reader} told when there may be something, until it leaves. Called
   * once at most, before the first {@link #next}.
   *
   * @param loop the one that is calling
   */
  void begin(Executor loop, LoopWaiters.Waiter reader);

  /** The reply that has begun is over, however it ended. */
  void over();
}
