package io.millrace.server.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.media.StreamKey;
import io.millrace.server.config.PlayPolicy;
import io.millrace.transport.PercentCoding;
import io.millrace.transport.http.HttpReply.Header;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Function;

/**
 * What an edge shows an origin that asks for tokens: its own, for one stream and two minutes. What
 * viewers have shown the edge ends there. Thread-safe.
 */
public final class EdgeCredentials implements Function<String, List<Header>> {
  private static final Duration LIFE = Duration.ofMinutes(2);
  private static final Duration USED_FOR = Duration.ofMinutes(1);
  private static final int MAX_KEPT = 10_000;

  private final Function<StreamKey, PlayPolicy> policies;
  private final InstantSource clock;
  private final Cache<String, List<Header>> signed =
      Caffeine.newBuilder().maximumSize(MAX_KEPT).expireAfterWrite(USED_FOR).build();

  public EdgeCredentials(Function<StreamKey, PlayPolicy> policies, InstantSource clock) {
    this.policies = policies;
    this.clock = clock;
  }

  /** Fields for a stream, {@code /app/name} as in a URL; none where the edge has no key for it. */
  @Override
  public List<Header> apply(String path) {
    return signed.get(path, this::sign);
  }

  private List<Header> sign(String path) {
    int slash = path.indexOf('/', 1);
    if (slash < 0) {
      return List.of();
    }
    StreamKey stream =
        new StreamKey(
            PercentCoding.decode(path.substring(1, slash)),
            PercentCoding.decode(path.substring(slash + 1)));
    List<PlayKey> keys = policies.apply(stream).keys();
    if (keys.isEmpty()) {
      return List.of();
    }
    try {
      String token =
          PlayToken.sign(keys.getFirst(), stream.toString(), clock.instant().plus(LIFE), null);
      return List.of(new Header("authorization", "Bearer " + token));
    } catch (IllegalArgumentException e) {
      return List.of(); // a name that no token can hold
    }
  }
}
