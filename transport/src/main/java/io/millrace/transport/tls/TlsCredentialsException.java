package io.millrace.transport.tls;

/** Credentials that cannot be used; the message says why and holds nothing secret. */
public final class TlsCredentialsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  TlsCredentialsException(String message) {
    super(message);
  }

  TlsCredentialsException(String message, Throwable cause) {
    super(message, cause);
  }
}
