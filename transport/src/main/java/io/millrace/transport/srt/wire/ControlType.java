package io.millrace.transport.srt.wire;

/** Control packet types (draft-sharabayko-srt-01 §3.2, Table 1). */
public final class ControlType {
  public static final int HANDSHAKE = 0x0000;
  public static final int KEEP_ALIVE = 0x0001;
  public static final int ACK = 0x0002;
  public static final int NAK = 0x0003;
  public static final int CONGESTION_WARNING = 0x0004;
  public static final int SHUTDOWN = 0x0005;
  public static final int ACK_ACK = 0x0006;
  public static final int DROP_REQUEST = 0x0007;
  public static final int PEER_ERROR = 0x0008;

  /** The subtype is an extension's type, such as {@link ExtensionType#KEY_REQUEST} (§3.2.2). */
  public static final int USER_DEFINED = 0x7FFF;

  private ControlType() {}
}
