package io.millrace.transport.rtmp.wire;

/** The peer broke the protocol or a limit: its session ends, nothing else does. */
public final class RtmpProtocolException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what printable; text of the peer's goes through {@link Printable} first
   */
  public RtmpProtocolException(String what) {
    super(what, null, false, false);
  }
}
