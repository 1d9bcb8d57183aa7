package io.millrace.transport.tls;

/** An OCSP response that cannot be shown to clients; the message says what is wrong with it. */
final class OcspException extends Exception {
  private static final long serialVersionUID = 1;

  OcspException(String message) {
    super(message);
  }
}
