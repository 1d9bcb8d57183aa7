package io.millrace.transport.rtmp;

/** The answer to a {@link PublishRequest}. */
public sealed interface PublishDecision {
  /** The publisher may send. */
  record Accept() implements PublishDecision {}

  /**
   * The publisher is told {@code code} and {@code description} in an onStatus error and
   * disconnected.
   *
   * @param code such as {@link #BAD_NAME}
   * @param description for the person at the encoder; holds no secret
   */
  record Reject(String code, String description) implements PublishDecision {}

  /** The name is not a valid one, or is busy. */
  String BAD_NAME = "NetStream.Publish.BadName";

  /** The key is missing or wrong. */
  String UNAUTHORIZED = "NetStream.Publish.Unauthorized";

  /** What is sent, or when, is not taken. */
  String REJECTED = "NetStream.Publish.Rejected";

  static PublishDecision accept() {
    return new Accept();
  }

  static Reject reject(String code, String description) {
    return new Reject(code, description);
  }
}
