package io.millrace.server;

import io.millrace.server.config.Endpoint;
import java.net.BindException;

/** The server cannot start, for a reason outside its configuration; the message is for a person. */
public final class StartFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartFailure(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A listener that could not be bound.
   *
   * @param key such as {@code listen.rtmp}
   */
  public static StartFailure cannotListen(String key, Endpoint endpoint, Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    String why;
    if (!(cause instanceof BindException) && !text.contains("bind")) {
      why = text;
    } else if (text.contains("in use")) {
      why =
          "another process has this port (see: ss -ltnp 'sport = :%d'); stop it, or set %s"
              .formatted(endpoint.port(), key);
    } else if (text.contains("ermission")) {
      why = "this user may not bind it; ports below 1024 need CAP_NET_BIND_SERVICE";
    } else if (text.contains("assign")) {
      why = "this machine has no such address";
    } else {
      why = text;
    }
    return new StartFailure(key + ": cannot listen on " + endpoint + ": " + why, cause);
  }
}
