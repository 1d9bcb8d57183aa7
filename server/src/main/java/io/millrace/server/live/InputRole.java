package io.millrace.server.live;

/** The two inputs that a stream may have. */
public enum InputRole {
  MAIN,
  BACKUP
}
