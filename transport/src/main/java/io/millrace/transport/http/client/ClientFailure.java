package io.millrace.transport.http.client;

/**
 * Why a request got no reply, or not all of it.
 *
 * @param detail for the operator's log: may hold addresses, so it is not for viewers
 */
public record ClientFailure(Kind kind, String detail) {
  /** Whose fault it is, as far as can be told. */
  public enum Kind {
    /** No connection: refused, unreachable, TLS failed. */
    CONNECT,
    /** The server took too long to connect, to answer, or to go on. */
    TIMEOUT,
    /** The connection or the stream ended before the reply did. */
    BROKEN,
    /** More requests wait than may. */
    BUSY,
    /** The client was closed, or told to give up what is under way. */
    CLOSED
  }

  /** True where another request to the same server is not likely to fare better right now. */
  public boolean serverIsDown() {
    return switch (kind) {
      case CONNECT, TIMEOUT, BROKEN -> true;
      case BUSY, CLOSED -> false;
    };
  }
}
