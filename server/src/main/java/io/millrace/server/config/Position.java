package io.millrace.server.config;

/**
 * Where something was configured.
 *
 * @param source the file as it was named, {@code --set}, or {@code built-in}
 * @param line counted from 1; 0 where the source has no lines
 * @param column counted from 1, in code points
 */
public record Position(String source, int line, int column) {
  static final Position NONE = new Position("", 0, 0);

  /** {@code source:line}. */
  public String lineText() {
    return line == 0 ? source : source + ":" + line;
  }

  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }
}
