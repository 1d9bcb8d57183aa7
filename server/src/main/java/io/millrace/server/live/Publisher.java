package io.millrace.server.live;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One publishing session as the stream sees it, whatever its protocol. Methods may be called from
 * any thread.
 */
public interface Publisher {
  /** Unique while this process lives. */
  String sessionId();

  /** {@code rtmp}, {@code rtmps}, {@code srt}. */
  String protocol();

  InetSocketAddress remote();

  /** What the client calls itself; printable, may be empty. */
  String encoder();

  Instant since();

  long bytesReceived();

  /** {@link System#nanoTime} of the newest audio or video message. */
  long lastMediaNanos();

  /** Which input of its stream it says it is; null when it does not say. */
  default @Nullable InputRole wishes() {
    return null;
  }

  /**
   * Counters of the transport under the session by the names that its users know, in their units;
   * empty where it has none.
   */
  default Map<String, Number> transportStatistics() {
    return Map.of();
  }

  /** Ends the session; the publisher is told {@code reason}. */
  void close(String reason);
}
