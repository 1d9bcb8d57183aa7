package io.millrace.server.webhook;

import org.jspecify.annotations.Nullable;

/** What becomes of a {@link Question}. */
public sealed interface Decision {
  /**
   * The webhook has said yes, or nothing where that is as good.
   *
   * @param ladder name of the ladder that the stream is to have; null: the configured one
   */
  record Allowed(@Nullable String ladder) implements Decision {
    /** With the configured ladder. */
    public Allowed() {
      this(null);
    }
  }

  /**
   * The webhook has said no.
   *
   * @param status of its answer, 400 to 499
   * @param reason for the one who asks to be let in: printable, of bounded length, without what it
   *     showed
   */
  record Refused(int status, String reason) implements Decision {}

  /** The webhook has said nothing, and that is not as good as a yes. */
  record Unavailable() implements Decision {}
}
