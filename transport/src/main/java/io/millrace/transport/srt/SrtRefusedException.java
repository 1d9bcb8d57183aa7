package io.millrace.transport.srt;

/** Thrown by a handler to refuse a publisher at the last moment. */
public final class SrtRefusedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * @param code one of {@link io.millrace.transport.srt.wire.RejectCode}
   * @param text for the log; holds no secret
   */
  public SrtRefusedException(int code, String text) {
    super(text, null, false, false);
    this.code = code;
  }

  public int code() {
    return code;
  }
}
