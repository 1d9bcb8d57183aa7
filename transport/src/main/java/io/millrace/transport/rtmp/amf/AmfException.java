package io.millrace.transport.rtmp.amf;

/** AMF that is malformed, over a limit, or of a kind that is not taken. The sender's fault. */
public final class AmfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param what printable: numbers and names of ours, never text of the sender's
   */
  AmfException(String what) {
    super(what, null, false, false);
  }
}
