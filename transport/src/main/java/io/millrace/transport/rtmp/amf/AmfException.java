package io.millrace.transport.rtmp.amf;

/** AMF that is malformed, over a limit, or of a kind that is not taken. The sender's fault. */
public final class AmfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  AmfException(String what) {
    super(what, null, false, false);
  }
}
