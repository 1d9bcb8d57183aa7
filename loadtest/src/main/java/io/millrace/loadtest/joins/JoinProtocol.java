package io.millrace.loadtest.joins;

import io.millrace.transport.Loops;

/** What viewers speak. */
enum JoinProtocol {
  HTTP_1("HTTP/1.1"),
  HTTP_2("HTTP/2"),
  HTTP_3("HTTP/3");

  final String title;

  JoinProtocol(String title) {
    this.title = title;
  }

  JoinClient client(Loops loops, Handshake handshake) {
    boolean early = handshake == Handshake.EARLY;
    return switch (this) {
      case HTTP_1 -> new TcpJoinClient(loops, false, early);
      case HTTP_2 -> new TcpJoinClient(loops, true, early);
      case HTTP_3 -> new QuicJoinClient(loops, early);
    };
  }
}
