package io.millrace.server.config;

/** How the log is written, to standard error. */
public record LogConfig(Format format, Level level) {

  /** One line an event, either way. */
  public enum Format {
    /** {@code time LEVEL message key=value …}. */
    TEXT,
    /** One JSON object. */
    JSON
  }

  /** The least severe level that is written. */
  public enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }
}
