package io.millrace.transport.srt;

import org.jspecify.annotations.Nullable;

/** The answer to an {@link SrtRequest}. */
public sealed interface SrtDecision {
  /**
   * The caller may publish, when its passphrase is the one given here.
   *
   * @param passphrase 10 to 79 characters; null when the connection must not be encrypted
   */
  record Accept(@Nullable String passphrase) implements SrtDecision {
    @Override
    public String toString() {
      return "Accept[encrypted=" + (passphrase != null) + "]";
    }
  }

  /**
   * The caller is told {@code code}.
   *
   * @param code such as {@link io.millrace.transport.srt.wire.RejectCode#UNAUTHORIZED}
   * @param text for the log; holds no secret
   */
  record Reject(int code, String text) implements SrtDecision {}

  static SrtDecision accept() {
    return new Accept(null);
  }

  static SrtDecision accept(@Nullable String passphrase) {
    return new Accept(passphrase);
  }

  static SrtDecision reject(int code, String text) {
    return new Reject(code, text);
  }
}
