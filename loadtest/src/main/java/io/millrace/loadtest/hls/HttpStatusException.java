package io.millrace.loadtest.hls;

import java.io.IOException;

/** An answer other than 200. */
final class HttpStatusException extends IOException {
  private static final long serialVersionUID = 1L;
  private final int status;

  HttpStatusException(int status) {
    super("HTTP status " + status);
    this.status = status;
  }

  int status() {
    return status;
  }
}
