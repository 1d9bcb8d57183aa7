package io.millrace.transport.srt;

import io.millrace.transport.srt.wire.RejectCode;
import java.io.IOException;

/** A caller could not connect. */
public final class SrtConnectException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int rejectCode;

  SrtConnectException(int rejectCode, String what) {
    super(what);
    this.rejectCode = rejectCode;
  }

  static SrtConnectException rejected(int rejectCode) {
    return new SrtConnectException(rejectCode, "rejected: " + RejectCode.text(rejectCode));
  }

  /** One of {@link RejectCode}, the listener's or ours; the listener's may be an unknown one. */
  public int rejectCode() {
    return rejectCode;
  }
}
