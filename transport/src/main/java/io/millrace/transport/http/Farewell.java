package io.millrace.transport.http;

/**
 * When a connection of HTTP/2 or HTTP/3 without requests is asked to leave, and when it is closed.
 *
 * <p>It is closed a moment after GOAWAY and the last stream in flight (RFC 9113 §6.8, RFC 9114
 * §5.2): a request that was sent before GOAWAY came is then known to be unprocessed, where a reset
 * would leave that open. Confined to its event loop.
 */
final class Farewell {
  private static final long GRACE_NS = 500_000_000L;

  private final Peer peer;
  private long quietSinceNs;
  private boolean said;

  Farewell(Peer peer) {
    this.peer = peer;
    quiet();
  }

  /** The last thing that happened has ended now. */
  void quiet() {
    quietSinceNs = peer.core.clockNs().getAsLong();
  }

  /** GOAWAY was sent. */
  boolean said() {
    return said;
  }

  /** True the first time: GOAWAY is to be sent. */
  boolean begin() {
    if (said) {
      return false;
    }
    said = true;
    peer.because(CloseReason.GRACEFUL);
    quiet();
    return true;
  }

  /** For a connection without requests: asks it to leave, or closes it, when it is time. */
  void sweep(long nowNs, Runnable drain) {
    long quietNs = nowNs - quietSinceNs;
    if (said && quietNs > GRACE_NS) {
      peer.close(CloseReason.GRACEFUL);
    } else if (!said && quietNs > peer.core.limits().idle().toNanos()) {
      peer.because(CloseReason.IDLE);
      drain.run();
    }
  }
}
