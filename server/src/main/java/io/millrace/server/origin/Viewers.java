package io.millrace.server.origin;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import io.millrace.media.StreamKey;
import io.millrace.transport.http.HttpExchange;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * About how many people watch a stream: distinct address, user agent and CMCD session among those
 * that fetched something in the last ten seconds. Bounded; thread-safe.
 */
public final class Viewers {
  private static final Duration RECENT = Duration.ofSeconds(10);
  private static final int MAX_VIEWERS = 200_000;

  private static final long RECOUNT_NS = 1_000_000_000L;

  private record Viewer(StreamKey stream, int fingerprint) {}

  private record Counted(long atNs, Map<StreamKey, Long> byStream) {}

  /** One who asks five times a second is noted once: noting costs more than looking. */
  private static final long NOTED_NS = 1_000_000_000L;

  private final Cache<Viewer, Long> recent;
  private final Ticker clock;
  private volatile @Nullable Counted counted;

  public Viewers() {
    this(Ticker.systemTicker());
  }

  Viewers(Ticker clock) {
    this.clock = clock;
    this.recent =
        Caffeine.newBuilder()
            .expireAfterWrite(RECENT)
            .maximumSize(MAX_VIEWERS)
            .ticker(clock)
            .build();
  }

  void saw(StreamKey stream, HttpExchange exchange) {
    int fingerprint =
        Objects.hash(
            exchange.remote().getAddress(),
            exchange.headers().get("user-agent"),
            exchange.headers().get("cmcd-session"));
    saw(stream, fingerprint);
  }

  void saw(StreamKey stream, int fingerprint) {
    Viewer viewer = new Viewer(stream, fingerprint);
    long nowNs = clock.read();
    Long notedNs = recent.getIfPresent(viewer);
    if (notedNs == null || nowNs - notedNs > NOTED_NS) {
      recent.put(viewer, nowNs);
    }
  }

  /** Viewers by stream, as of within the last second; streams without any are absent. */
  public Map<StreamKey, Long> counts() {
    Counted known = counted;
    long nowNs = clock.read();
    if (known == null || nowNs - known.atNs > RECOUNT_NS) {
      known = new Counted(nowNs, count());
      counted = known;
    }
    return known.byStream;
  }

  /** Viewers of one stream, as of within the last second. */
  public long count(StreamKey stream) {
    return counts().getOrDefault(stream, 0L);
  }

  private Map<StreamKey, Long> count() {
    return recent.asMap().keySet().stream()
        .collect(Collectors.groupingBy(Viewer::stream, Collectors.counting()));
  }
}
