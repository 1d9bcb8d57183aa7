package io.millrace.transport.tls;

import org.jspecify.annotations.Nullable;

/** OCSP responses by certificate. Asked at each handshake, so it never blocks; any thread. */
@FunctionalInterface
public interface Staples {
  Staples NONE = _ -> null;

  /** A response that holds now; null where there is none. Borrowed, and not to be changed. */
  byte @Nullable [] find(TlsCredentials credentials);
}
