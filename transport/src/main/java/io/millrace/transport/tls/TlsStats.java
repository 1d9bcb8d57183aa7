package io.millrace.transport.tls;

/**
 * Told what handshakes came to, with BoringSSL as the engine; others do not say. Called on event
 * loops: implementations only count.
 */
public interface TlsStats {
  TlsStats NONE =
      new TlsStats() {
        @Override
        public void handshake(Kind kind) {}

        @Override
        public void earlyData(Result result) {}
      };

  /** How a session came to be. */
  enum Kind {
    /** With a certificate and its signature. */
    FULL,
    /** With a ticket (RFC 8446 §2.2). */
    RESUMED,
    /** With a ticket and early data (RFC 8446 §2.3). */
    EARLY
  }

  /** What became of early data that a client sent. */
  enum Result {
    ACCEPTED,
    /** Not read, the client sends it again after its handshake. */
    REJECTED,
    /** Not read, since the ClientHello had been here before. */
    REPLAYED
  }

  /** A handshake succeeded; with early data, as far as the server's part of it. */
  void handshake(Kind kind);

  /** Once for each connection that begins with early data, unless its handshake fails. */
  void earlyData(Result result);
}
