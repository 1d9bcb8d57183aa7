package io.millrace.server.config;

/**
 * Something an operator must know about a configuration.
 *
 * @param severity an error keeps the server from starting
 * @param key the dotted key, empty where it concerns the whole file
 * @param text what is wrong, and the rule; never a secret
 */
public record ConfigProblem(Severity severity, Position where, String key, String text) {

  /** An error in something that is no file. */
  public static ConfigProblem of(String key, String text) {
    return new ConfigProblem(Severity.ERROR, Position.NONE, key, text);
  }

  /** Whether the server starts. */
  public enum Severity {
    ERROR,
    WARNING
  }

  /** One line: {@code file:line:column: key: text}, a warning without its column. */
  @Override
  public String toString() {
    String place = severity == Severity.ERROR ? where.toString() : where.lineText();
    return (place.isEmpty() ? "" : place + ": ") + (key.isEmpty() ? "" : key + ": ") + text;
  }
}
