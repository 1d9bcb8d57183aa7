package io.millrace.transport.http;

/**
 * Why the server ended a connection, or a single stream of HTTP/2 or HTTP/3, or that the peer did.
 */
public enum CloseReason {
  /** The peer closed, or both agreed to. */
  PEER("peer"),
  /** Quiet for {@link HttpLimits#idle}. */
  IDLE("idle"),
  /** No complete request in {@link HttpLimits#requestRead}. */
  REQUEST_TIMEOUT("request_timeout"),
  /** Bytes waited for {@link HttpLimits#write} and the peer took none. */
  WRITE_TIMEOUT("write_timeout"),
  /** More pipelined requests than {@link HttpLimits#pipelinedRequests}. */
  PIPELINE_LIMIT("pipeline_limit"),
  /** The bytes were not the protocol. */
  PROTOCOL_ERROR("protocol_error"),
  /** TLS failed or took longer than {@link HttpLimits#handshake}. */
  TLS_FAILED("tls_failed"),
  /** The content of a reply was never completed: its source gave up. */
  CONTENT_ABANDONED("content_abandoned"),
  /** The server drains, or {@link HttpLimits#requestsPerConnection} was reached. */
  GRACEFUL("graceful"),
  /** The server stopped before the connection was done. */
  SHUTDOWN("shutdown"),
  /** The transport failed. */
  IO_ERROR("io_error");

  private final String label;

  CloseReason(String label) {
    this.label = label;
  }

  /** As in a metric. */
  public String label() {
    return label;
  }
}
