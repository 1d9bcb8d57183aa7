package io.millrace.transport.rtmp;

/**
 * Why a session or a publication ended.
 *
 * @param text one printable line for the log; holds no secret and no unescaped byte of the peer's
 */
public record EndReason(Kind kind, String text) {
  /** Whose doing it was. */
  public enum Kind {
    /** The publisher unpublished. */
    CLEAN,
    /** The connection went away without a word. */
    DISCONNECTED,
    /** A deadline passed: handshake, authentication, or no media. */
    TIMEOUT,
    /** The peer broke the protocol or a limit. */
    PROTOCOL_ERROR,
    /** Refused: key, name, codec, or a play request. */
    REJECTED,
    /** Refused at the door: too many connections. */
    OVER_LIMIT,
    /** The server ended it. */
    CLOSED_BY_SERVER,
    /** Our fault. */
    INTERNAL_ERROR
  }

  static EndReason of(Kind kind, String text) {
    return new EndReason(kind, text);
  }
}
