package io.millrace.transport.srt.wire;

/**
 * Why a handshake was refused, as the number that a peer is told: the request type of the refusal
 * less {@link #REQUEST_BASE} (draft-sharabayko-srt-01 §4.3, Table 7; those above 1000 are libsrt's
 * access_control.h, which follow HTTP's). The set is open: a listener may use 2000 and up as it
 * likes.
 */
public final class RejectCode {
  /** What is added to a code to give the request type. */
  public static final int REQUEST_BASE = 1000;

  public static final int UNKNOWN = 0;
  public static final int SYSTEM = 1;
  public static final int PEER = 2;
  public static final int RESOURCE = 3;
  public static final int ROGUE = 4;
  public static final int BACKLOG = 5;
  public static final int INTERNAL = 6;
  public static final int CLOSE = 7;
  public static final int VERSION = 8;
  public static final int RENDEZVOUS_COOKIE = 9;
  public static final int BAD_SECRET = 10;
  public static final int UNSECURE = 11;
  public static final int MESSAGE_API = 12;
  public static final int CONGESTION = 13;
  public static final int FILTER = 14;
  public static final int GROUP = 15;
  public static final int TIMEOUT = 16;
  public static final int CRYPTO = 17;

  public static final int BAD_REQUEST = 1400;
  public static final int UNAUTHORIZED = 1401;
  public static final int OVERLOAD = 1402;
  public static final int FORBIDDEN = 1403;
  public static final int NOT_FOUND = 1404;
  public static final int BAD_MODE = 1405;
  public static final int UNACCEPTABLE = 1406;
  public static final int CONFLICT = 1409;
  public static final int UNSUPPORTED_MEDIA = 1415;
  public static final int SERVER_ERROR = 1500;
  public static final int DOWN = 1503;

  /** No code is larger: the request type has to fit a positive number. */
  public static final int MAX = Integer.MAX_VALUE - REQUEST_BASE;

  private RejectCode() {}

  /** The code in words, for a log line. */
  public static String text(int code) {
    return switch (code) {
      case SYSTEM -> "system error";
      case PEER -> "rejected by peer";
      case RESOURCE -> "no resources";
      case ROGUE -> "malformed handshake";
      case BACKLOG -> "too many handshakes";
      case INTERNAL -> "internal error";
      case CLOSE -> "listener is closing";
      case VERSION -> "version not supported";
      case RENDEZVOUS_COOKIE -> "rendezvous cookie";
      case BAD_SECRET -> "wrong passphrase";
      case UNSECURE -> "passphrase on one side only";
      case MESSAGE_API -> "stream mode not supported";
      case CONGESTION -> "congestion control not supported";
      case FILTER -> "packet filter not supported";
      case GROUP -> "socket groups not supported";
      case TIMEOUT -> "timeout";
      case CRYPTO -> "cipher not supported";
      case BAD_REQUEST -> "bad stream id";
      case UNAUTHORIZED -> "unauthorized";
      case OVERLOAD -> "overload";
      case FORBIDDEN -> "forbidden";
      case NOT_FOUND -> "not found";
      case BAD_MODE -> "mode not supported";
      case UNACCEPTABLE -> "unacceptable";
      case CONFLICT -> "conflict";
      case UNSUPPORTED_MEDIA -> "media not supported";
      case SERVER_ERROR -> "server error";
      case DOWN -> "service is down";
      default -> "code " + code;
    };
  }
}
