package io.millrace.transport.http;

/**
 * Told what happens on the connections. Called on event loops, often: implementations only count.
 */
public interface HttpStats {
  HttpStats NONE =
      new HttpStats() {
        @Override
        public void connectionOpened() {}

        @Override
        public void connectionRefused(String limit) {}

        @Override
        public void connectionClosed(CloseReason reason) {}

        @Override
        public void streamAborted(CloseReason reason) {}

        @Override
        public void exchangeDone(
            String route,
            HttpProtocol protocol,
            int status,
            long bodyBytes,
            boolean complete,
            long durationNs) {}
      };

  void connectionOpened();

  /**
   * Over a limit, closed before anything was read.
   *
   * @param limit {@code total}, {@code address} or {@code rate}
   */
  void connectionRefused(String limit);

  void connectionClosed(CloseReason reason);

  /** A single stream of HTTP/2 or HTTP/3 was reset by the server; its connection goes on. */
  void streamAborted(CloseReason reason);

  /**
   * A reply was handed over, or given up.
   *
   * @param route as named by {@link HttpExchange#route}; {@code none} without
   * @param status of the reply; 499 when the client left before there was one
   * @param bodyBytes content bytes that the transport took
   * @param complete all of the content was taken
   * @param durationNs from the complete request to the last byte
   */
  void exchangeDone(
      String route,
      HttpProtocol protocol,
      int status,
      long bodyBytes,
      boolean complete,
      long durationNs);
}
