package io.millrace.transport.http;

import java.time.Duration;

/**
 * What a listener lets one client hold. Immutable; {@link #DEFAULTS} suit a public listener.
 *
 * @param connections open at once, over the whole server
 * @param connectionsPerAddress open at once from one IPv4 address or one IPv6 /64
 * @param connectsPerSecond that one IPv4 address or one IPv6 /64 may open, and so many at once:
 *     each costs a TLS handshake
 * @param requestLineBytes HTTP/1.1 request line (414 beyond)
 * @param headerBytes all header fields of a request (431 beyond)
 * @param bodyBytes content of a request (413 beyond)
 * @param streamsPerConnection HTTP/2 or HTTP/3 requests in flight at once on one connection
 * @param pipelinedRequests HTTP/1.1 requests waiting behind the one being answered
 * @param requestsPerConnection after which the connection is closed politely
 * @param resetsPerWindow streams a client may reset, or make the server reset, in {@code
 *     resetWindow} (CVE-2023-44487, CVE-2025-55163)
 * @param resetWindow see {@code resetsPerWindow}; whole seconds
 * @param handshake from accept to the end of the TLS handshake
 * @param requestRead from accept, or from the first byte of a request, to its last
 * @param idle between requests
 * @param write in which the peer must take some of the bytes that wait for it
 */
public record HttpLimits(
    int connections,
    int connectionsPerAddress,
    int connectsPerSecond,
    int requestLineBytes,
    int headerBytes,
    int bodyBytes,
    int streamsPerConnection,
    int pipelinedRequests,
    int requestsPerConnection,
    int resetsPerWindow,
    Duration resetWindow,
    Duration handshake,
    Duration requestRead,
    Duration idle,
    Duration write) {

  public static final HttpLimits DEFAULTS =
      new HttpLimits(
          20_000,
          2_000,
          500,
          8 * 1024,
          16 * 1024,
          64 * 1024,
          128,
          128,
          10_000,
          200,
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(60),
          Duration.ofSeconds(20));

  public HttpLimits withConnections(int total, int perAddress, int perSecond) {
    return new HttpLimits(
        total,
        perAddress,
        perSecond,
        requestLineBytes,
        headerBytes,
        bodyBytes,
        streamsPerConnection,
        pipelinedRequests,
        requestsPerConnection,
        resetsPerWindow,
        resetWindow,
        handshake,
        requestRead,
        idle,
        write);
  }

  public HttpLimits withDeadlines(
      Duration newHandshake, Duration newRequestRead, Duration newIdle, Duration newWrite) {
    return new HttpLimits(
        connections,
        connectionsPerAddress,
        connectsPerSecond,
        requestLineBytes,
        headerBytes,
        bodyBytes,
        streamsPerConnection,
        pipelinedRequests,
        requestsPerConnection,
        resetsPerWindow,
        resetWindow,
        newHandshake,
        newRequestRead,
        newIdle,
        newWrite);
  }

  public HttpLimits withRequestsPerConnection(int requests) {
    return new HttpLimits(
        connections,
        connectionsPerAddress,
        connectsPerSecond,
        requestLineBytes,
        headerBytes,
        bodyBytes,
        streamsPerConnection,
        pipelinedRequests,
        requests,
        resetsPerWindow,
        resetWindow,
        handshake,
        requestRead,
        idle,
        write);
  }
}
