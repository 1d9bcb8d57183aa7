package io.millrace.server.edge;

import io.millrace.transport.LoopWaiters;
import io.millrace.transport.http.GrowingContent;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.client.ClientCall;
import io.millrace.transport.http.client.ReplyHead;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An object on its way from an origin, and those who wait for it. Thread-safe: viewers come and go
 * on their loops, and one {@link Filling} moves it on.
 */
final class Flight {
  /** How far it is. */
  sealed interface State {
    /** Nothing that anybody could be answered with. */
    record Waiting() implements State {}

    /**
     * Its first bytes are there, and the rest is coming.
     *
     * @param lengthBytes of all of it, or {@link io.millrace.transport.http.ReplyBody#UNKNOWN}
     */
    record Arriving(ReplyHead head, GrowingContent content, long lengthBytes) implements State {}

    /**
     * @param stale true for what was kept from before, because no origin answered
     */
    record Done(Stored stored, boolean stale) implements State {}

    /** Nothing to show. */
    record Failed(HttpReply reply) implements State {}

    /** The origin does not answer it as early data (RFC 8470 §5.2). */
    record TooEarly() implements State {}
  }

  private static final State WAITING = new State.Waiting();

  final ObjectKey key;
  final LoopWaiters waiters = new LoopWaiters();
  private final Runnable abandoned;
  private volatile State state = WAITING;
  private volatile boolean fromDisk;
  private int interested;
  private boolean closed;
  private @Nullable ClientCall call;

  /**
   * @param abandoned run once if everybody leaves before there is anything; on any thread
   */
  Flight(ObjectKey key, Consumer<Flight> abandoned) {
    this.key = key;
    this.abandoned = () -> abandoned.accept(this);
  }

  State state() {
    return state;
  }

  /** Says whether it is filled from this server's own disk. */
  void fromDisk(boolean is) {
    fromDisk = is;
  }

  boolean isFromDisk() {
    return fromDisk;
  }

  /** Counts one more in; false when the last has just left, and the flight with it. */
  synchronized boolean enter() {
    if (!closed) {
      interested++;
    }
    return !closed;
  }

  /** One is answered, or has gone. The last to go before there is anything ends the request. */
  void leave() {
    ClientCall last;
    synchronized (this) {
      if (--interested > 0 || closed || !(state instanceof State.Waiting)) {
        return;
      }
      closed = true;
      last = call;
    }
    if (last != null) {
      last.cancel();
    }
    abandoned.run();
  }

  /** Names the request that is under way, which is cancelled if nobody waits any more. */
  void calling(ClientCall next) {
    boolean late;
    synchronized (this) {
      late = closed;
      call = next;
    }
    if (late) {
      next.cancel();
    }
  }

  /** Gives the request up that is under way; those who wait are told by {@link #to}. */
  void giveUp() {
    ClientCall current;
    synchronized (this) {
      current = call;
    }
    if (current != null) {
      current.cancel();
    }
  }

  synchronized boolean isClosed() {
    return closed;
  }

  /** Moves on, and tells all who wait. */
  void to(State next) {
    synchronized (this) {
      state = next;
    }
    waiters.wake();
  }
}
