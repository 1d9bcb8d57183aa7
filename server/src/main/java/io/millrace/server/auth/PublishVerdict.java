package io.millrace.server.auth;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of a {@link PublishAttempt}.
 *
 * @param text for the publisher and the log; holds no secret
 * @param ladder name of the ladder that the stream is to have; null: the configured one
 */
public record PublishVerdict(Kind kind, String text, @Nullable String ladder) {
  public static final PublishVerdict ALLOWED = new PublishVerdict(Kind.ALLOWED, "allowed");

  /** With the configured ladder. */
  public PublishVerdict(Kind kind, String text) {
    this(kind, text, null);
  }

  /** Whose fault it is. */
  public enum Kind {
    ALLOWED,
    /** The key is missing or wrong. */
    UNAUTHORIZED,
    /** This publisher may not. */
    FORBIDDEN,
    NOT_FOUND,
    CONFLICT,
    /** It cannot be decided at this moment. */
    UNAVAILABLE
  }

  public boolean allowed() {
    return kind == Kind.ALLOWED;
  }
}
