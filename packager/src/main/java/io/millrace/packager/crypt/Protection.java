package io.millrace.packager.crypt;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Boundary;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The protection of one presentation: which key each interval has, in every rendition the same.
 *
 * <p>Time is divided into crypto periods on the wall clock, so their numbers are the same over
 * reconnects and restarts. A period begins with the first segment that starts in it. Where its key
 * is not there, the segment keeps the key before it, and the next segment tries again: a key server
 * that stays away never stalls the stream. Only without any key nothing can be published.
 *
 * <p>The packager's thread only, but for {@link #scheme}, {@link #address} and {@link #period}.
 */
public final class Protection {
  private static final int MAX_REMEMBERED = 1024;

  private final Scheme scheme;
  private final Duration rotate;
  private final KeyProvider keys;
  private final KeyAddress address;
  private final TreeMap<Long, ContentKey> decided = new TreeMap<>();

  /**
   * @param rotate length of a crypto period; zero: one key for ever
   * @param address where players get keys
   */
  public Protection(Scheme scheme, Duration rotate, KeyProvider keys, KeyAddress address) {
    if (rotate.isNegative() || (!rotate.isZero() && rotate.compareTo(Duration.ofSeconds(1)) < 0)) {
      throw new IllegalArgumentException("rotate: 0, or at least 1 s");
    }
    this.scheme = scheme;
    this.rotate = rotate;
    this.keys = keys;
    this.address = address;
  }

  public Scheme scheme() {
    return scheme;
  }

  public KeyAddress address() {
    return address;
  }

  /** Gets the first keys ready. */
  public void prepare(Instant now) {
    keys.prepare(period(now));
  }

  /** The crypto period of an instant. */
  public long period(Instant instant) {
    return period(instant, rotate);
  }

  /** The crypto period of an instant where a period has length {@code rotate}; zero: only one. */
  public static long period(Instant instant, Duration rotate) {
    return rotate.isZero() ? 0 : Math.floorDiv(instant.toEpochMilli(), rotate.toMillis());
  }

  /** The key of the interval that a boundary starts; null as long as there has been none. */
  public @Nullable ContentKey keyOf(Boundary boundary) {
    ContentKey known = decided.get(boundary.sequence());
    if (known != null) {
      return known;
    }
    long startUs = Timescale.VIDEO.rescale(boundary.startTicks(), Timescale.MICROS);
    long period = period(boundary.epoch().plus(startUs, ChronoUnit.MICROS));
    ContentKey key = keys.find(period);
    if (key == null) {
      keys.prepare(period);
      var before = decided.lowerEntry(boundary.sequence());
      key = before == null ? null : before.getValue();
    }
    if (!rotate.isZero()) {
      keys.prepare(period + 1);
    }
    if (key != null) {
      decided.put(boundary.sequence(), key);
      if (decided.size() > MAX_REMEMBERED) {
        decided.pollFirstEntry();
      }
    }
    return key;
  }
}
