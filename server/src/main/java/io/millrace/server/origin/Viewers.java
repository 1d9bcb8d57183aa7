package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.media.StreamKey;
import io.millrace.transport.http.HttpExchange;
import java.time.Duration;
import java.util.Objects;

/**
 * About how many people watch a stream: distinct address, user agent and CMCD session among those
 * that fetched something in the last ten seconds. Bounded; thread-safe.
 */
public final class Viewers {
  private static final Duration RECENT = Duration.ofSeconds(10);
  private static final int MAX_VIEWERS = 200_000;

  private record Viewer(StreamKey stream, int fingerprint) {}

  private final Cache<Viewer, Boolean> recent =
      Caffeine.newBuilder().expireAfterWrite(RECENT).maximumSize(MAX_VIEWERS).build();

  void saw(StreamKey stream, HttpExchange exchange) {
    int fingerprint =
        Objects.hash(
            exchange.remote().getAddress(),
            exchange.headers().get("user-agent"),
            exchange.headers().get("cmcd-session"));
    recent.put(new Viewer(stream, fingerprint), Boolean.TRUE);
  }

  /** Viewers of one stream now. */
  public long count(StreamKey stream) {
    return recent.asMap().keySet().stream().filter(v -> v.stream().equals(stream)).count();
  }
}
