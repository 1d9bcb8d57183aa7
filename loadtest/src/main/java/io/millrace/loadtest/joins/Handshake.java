package io.millrace.loadtest.joins;

import io.millrace.transport.tls.TlsStats;

/** How a viewer connects. */
public enum Handshake {
  FULL("full", TlsStats.Kind.FULL),
  RESUMED("resumed", TlsStats.Kind.RESUMED),
  EARLY("0-RTT", TlsStats.Kind.EARLY);

  public final String title;
  final TlsStats.Kind kind;

  Handshake(String title, TlsStats.Kind kind) {
    this.title = title;
    this.kind = kind;
  }
}
