package io.millrace.loadtest.throughput;

import io.millrace.loadtest.joins.Handshake;

/** What is measured. */
enum Measured {
  HTTP_1("HTTP/1.1, CPU s per GiB", true),
  HTTP_2("HTTP/2, CPU s per GiB", true),
  HTTP_3("HTTP/3, CPU s per GiB", false),
  FULL("full handshakes per CPU s", true),
  RESUMED("resumptions per CPU s", true);

  final String title;

  /** Whether the peer can do it. */
  final boolean byPeer;

  Measured(String title, boolean byPeer) {
    this.title = title;
    this.byPeer = byPeer;
  }

  /** Whether more is better. */
  boolean isRate() {
    return switch (this) {
      case HTTP_1, HTTP_2, HTTP_3 -> false;
      case FULL, RESUMED -> true;
    };
  }

  double value(Cost cost) {
    return isRate() ? cost.perCpuS() : cost.cpuSPerGib();
  }

  Handshake handshake() {
    return this == FULL ? Handshake.FULL : Handshake.RESUMED;
  }
}
