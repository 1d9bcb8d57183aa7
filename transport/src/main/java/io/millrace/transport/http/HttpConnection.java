package io.millrace.transport.http;

/** What the server asks of an open connection. Called on its event loop. */
interface HttpConnection {
  /** Ends what is over its deadline. */
  void sweep(long nowNs);

  /** Finishes the requests in flight, takes no more, closes. */
  void drain();
}
