package io.millrace.transport.rtmp;

/** A publisher could not begin: no connection, no RTMP, or refused by the server. */
public final class RtmpPublishException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient EndReason reason;
  private final String code;

  RtmpPublishException(EndReason reason, String code) {
    super(code.isEmpty() ? reason.text() : code + ": " + reason.text());
    this.reason = reason;
    this.code = code;
  }

  public EndReason reason() {
    return reason;
  }

  /** The server's code, such as {@link PublishDecision#UNAUTHORIZED}; empty without one. */
  public String code() {
    return code;
  }
}
