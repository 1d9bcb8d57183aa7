package io.millrace.server.keys;

import java.io.IOException;

/** The key server answered, and not with a key; its fault. The message shows no key. */
final class KeyServerException extends IOException {
  private static final long serialVersionUID = 1;

  KeyServerException(String message) {
    super(message);
  }
}
