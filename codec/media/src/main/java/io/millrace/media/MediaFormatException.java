package io.millrace.media;

/**
 * Media that cannot be used. {@link Kind#MALFORMED} is the sender's fault and ends the sender's
 * session; {@link Kind#UNSUPPORTED} is valid media that Millrace does not take, refused with the
 * codec or feature named.
 */
public final class MediaFormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Whose fault it is. */
  public enum Kind {
    MALFORMED,
    UNSUPPORTED
  }

  private final Kind kind;

  private MediaFormatException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** The bytes break the named rule. */
  public static MediaFormatException malformed(String what) {
    return new MediaFormatException(Kind.MALFORMED, what);
  }

  /** The bytes are fine, the feature is not taken. */
  public static MediaFormatException unsupported(String what) {
    return new MediaFormatException(Kind.UNSUPPORTED, what);
  }

  public Kind kind() {
    return kind;
  }
}
