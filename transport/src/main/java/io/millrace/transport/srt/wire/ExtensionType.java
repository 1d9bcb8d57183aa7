package io.millrace.transport.srt.wire;

/** Types of handshake extensions (draft-sharabayko-srt-01 §3.2.1.1, Table 5). */
public final class ExtensionType {
  public static final int HANDSHAKE_REQUEST = 1;
  public static final int HANDSHAKE_RESPONSE = 2;
  public static final int KEY_REQUEST = 3;
  public static final int KEY_RESPONSE = 4;
  public static final int STREAM_ID = 5;
  public static final int CONGESTION = 6;
  public static final int FILTER = 7;
  public static final int GROUP = 8;

  private ExtensionType() {}
}
