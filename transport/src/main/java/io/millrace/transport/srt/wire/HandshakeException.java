package io.millrace.transport.srt.wire;

/** A handshake message that cannot be taken: the handshake ends, nothing else does. */
public final class HandshakeException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int rejectCode;

  /**
   * @param rejectCode one of {@link RejectCode}, for the peer
   * @param what printable, holds nothing of the peer's
   */
  public HandshakeException(int rejectCode, String what) {
    super(what, null, false, false);
    this.rejectCode = rejectCode;
  }

  static HandshakeException rogue(String what) {
    return new HandshakeException(RejectCode.ROGUE, what);
  }

  /** One of {@link RejectCode}. */
  public int rejectCode() {
    return rejectCode;
  }
}
