package io.millrace.codec;

import org.jspecify.annotations.Nullable;

/**
 * A native codec refused or failed. Kills the one encoder, decoder or scaler that threw it, which
 * must then be closed; whether the stream goes on is its owner's decision.
 */
public final class CodecException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CodecException(String message) {
    super(message);
  }

  public CodecException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
