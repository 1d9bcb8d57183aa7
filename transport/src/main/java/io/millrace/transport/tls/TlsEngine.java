package io.millrace.transport.tls;

/** What does the work of TLS. */
public enum TlsEngine {
  /** In netty-tcnative: the fastest, and the only one with early data. */
  BORINGSSL("BoringSSL"),
  /** BoringSSL as a provider of the JDK's interfaces. */
  CONSCRYPT("Conscrypt"),
  /** The JDK's own, which is always there. */
  JDK("JDK");

  private final String title;

  TlsEngine(String title) {
    this.title = title;
  }

  @Override
  public String toString() {
    return title;
  }
}
