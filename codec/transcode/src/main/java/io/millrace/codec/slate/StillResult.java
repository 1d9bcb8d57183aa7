package io.millrace.codec.slate;

/** A still, or why there can be none. */
public sealed interface StillResult {
  /** The still. */
  record Ready(Still still) implements StillResult {}

  /**
   * There is none for this track; the stream can only pause.
   *
   * @param reason for people, such as {@code the source has 12 bits}
   */
  record Unavailable(String reason) implements StillResult {}
}
