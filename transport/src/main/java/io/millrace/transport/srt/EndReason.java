package io.millrace.transport.srt;

/**
 * Why a handshake or a connection ended.
 *
 * @param text one printable line for the log; holds no secret and nothing of the peer's
 */
public record EndReason(Kind kind, String text) {
  /** Whose doing it was. */
  public enum Kind {
    /** The peer said SHUTDOWN. */
    CLEAN,
    /** A deadline passed: nothing came, or authorisation took too long. */
    TIMEOUT,
    /** The peer broke the protocol. */
    PROTOCOL_ERROR,
    /** Refused: stream id, key, passphrase, mode; by us or by the peer. */
    REJECTED,
    /** Refused at the door: too many connections or handshakes. */
    OVER_LIMIT,
    /** This side ended it. */
    CLOSED_LOCALLY,
    /** Our fault. */
    INTERNAL_ERROR
  }

  static EndReason of(Kind kind, String text) {
    return new EndReason(kind, text);
  }
}
