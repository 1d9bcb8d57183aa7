package io.millrace.codec.worker;

import java.io.IOException;

/**
 * The other side does not keep to the protocol. Ends the connection, and with it the worker; the
 * fault is the other side's: a compromised decoder, or a bug.
 */
public final class WireException extends IOException {
  private static final long serialVersionUID = 1L;

  public WireException(String message) {
    super(message);
  }
}
