package io.millrace.server.origin;

import io.millrace.transport.LoopWaiters;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import org.jspecify.annotations.Nullable;

/**
 * A request that is answered when something has happened, or when it has waited long enough.
 * Confined to its connection's event loop.
 */
abstract class Parked extends LoopWaiters.Waiter {
  final HttpExchange exchange;
  private Parking.@Nullable Floor floor;
  private long deadlineNs;

  Parked(HttpExchange exchange) {
    this.exchange = exchange;
  }

  /** The answer, if there is one now. */
  abstract @Nullable HttpReply answer();

  /** The answer to one that has waited too long. */
  abstract HttpReply late();

  final void parkedOn(Parking.Floor where, long untilNs) {
    floor = where;
    deadlineNs = untilNs;
  }

  final boolean isLate(long nowNs) {
    return nowNs - deadlineNs >= 0;
  }

  @Override
  protected final void woken() {
    if (floor != null) {
      HttpReply reply = answer();
      if (reply != null) {
        end(reply);
      }
    }
  }

  final void giveUp() {
    if (floor != null) {
      end(late());
    }
  }

  private void end(HttpReply reply) {
    forget();
    boolean _ = exchange.respond(reply);
  }

  /** Answered, or the client has gone. */
  final void forget() {
    Parking.Floor was = floor;
    if (was != null) {
      floor = null;
      leave();
      was.remove(this);
    }
  }
}
