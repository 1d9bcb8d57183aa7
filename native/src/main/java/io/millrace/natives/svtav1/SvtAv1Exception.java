package io.millrace.natives.svtav1;

/** SVT-AV1 refused a call. The encoder it happened to can only be closed. */
public final class SvtAv1Exception extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;

  SvtAv1Exception(String call, int code) {
    super(call + " failed with 0x" + Integer.toHexString(code));
    this.code = code;
  }

  /** {@code EbErrorType}. */
  public int code() {
    return code;
  }
}
