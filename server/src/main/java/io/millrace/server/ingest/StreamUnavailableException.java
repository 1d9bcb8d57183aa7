package io.millrace.server.ingest;

/** A publisher cannot have the stream that it wants. */
final class StreamUnavailableException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why. */
  enum Kind {
    NOT_FOUND,
    BUSY,
    OVERLOADED
  }

  private final Kind kind;

  StreamUnavailableException(Kind kind, String text) {
    super(text, null, false, false);
    this.kind = kind;
  }

  Kind kind() {
    return kind;
  }

  /** For the person at the encoder. */
  String text() {
    return String.valueOf(getMessage());
  }
}
