package io.millrace.transport.http.client;

import java.time.Duration;

/**
 * Bounds of one pool.
 *
 * @param http2Connections open at once, where HTTP/2 was agreed on
 * @param http1Connections open at once, where it was not
 * @param streamsPerConnection HTTP/2 requests at once on a connection, fewer where the server says
 *     so; below what a Millrace origin lets one connection hold
 * @param waiting requests without a connection yet
 * @param connect TCP, and as long again for TLS
 * @param quiet between two pieces of a reply's content
 * @param idle after which an HTTP/1.1 connection without a request is closed
 */
public record ClientSettings(
    int http2Connections,
    int http1Connections,
    int streamsPerConnection,
    int waiting,
    Duration connect,
    Duration quiet,
    Duration idle) {

  public static final ClientSettings DEFAULTS =
      new ClientSettings(
          16,
          512,
          90,
          4_096,
          Duration.ofSeconds(3),
          Duration.ofSeconds(15),
          Duration.ofSeconds(30));
}
