package io.millrace.packager.text;

/** A file is not WebVTT, or more than is taken; says where and why. */
public final class WebVttException extends Exception {
  private static final long serialVersionUID = 1;

  private final int line;

  WebVttException(int line, String reason) {
    super("line " + line + ": " + reason);
    this.line = line;
  }

  /** The first is 1. */
  public int line() {
    return line;
  }
}
