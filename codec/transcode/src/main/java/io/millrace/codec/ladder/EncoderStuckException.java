package io.millrace.codec.ladder;

/** An encoder does not return from a call. Only the end of its process frees what it holds. */
public final class EncoderStuckException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  EncoderStuckException(String message) {
    super(message);
  }
}
