package io.millrace.transport.http;

/** The protocol that a request came by. */
public enum HttpProtocol {
  HTTP_1_0("HTTP/1.0", "http1"),
  HTTP_1_1("HTTP/1.1", "http1"),
  HTTP_2("HTTP/2", "http2"),
  HTTP_3("HTTP/3", "http3");

  private final String wireName;
  private final String label;

  HttpProtocol(String wireName, String label) {
    this.wireName = wireName;
    this.label = label;
  }

  /** As in a status line or an access log. */
  public String wireName() {
    return wireName;
  }

  /** As in a metric. */
  public String label() {
    return label;
  }
}
