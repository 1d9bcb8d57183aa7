package io.millrace.server.dvr;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskQueue;
import io.millrace.packager.dvr.DvrDirectory;
import io.millrace.packager.dvr.DvrSettings;
import io.millrace.packager.dvr.DvrStats;
import io.millrace.packager.dvr.DvrStream;
import io.millrace.server.config.DvrPolicy;
import io.millrace.server.event.EventSink;
import io.millrace.server.live.ActiveStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps on disk, in {@code data.dir/dvr}, what viewers may go back to: one thread writes for all
 * streams. Thread-safe.
 */
public final class DvrService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DvrService.class);

  /** Some seconds of all streams; the bytes are mostly those of the windows in memory. */
  private static final long MAX_QUEUED_BYTES = 128L << 20;

  private static final Duration LAST_WRITES = Duration.ofSeconds(10);

  /** For players that act on a playlist that they got before. */
  private static final Duration SERVED_LONGER = Duration.ofMinutes(1);

  private static final int INSTANCE_RADIX = 36;

  private final Function<StreamKey, @Nullable DvrPolicy> policies;
  private final InstantSource clock;
  private final EventSink events;
  private final DiskQueue disk;
  private final DvrDirectory directory;

  private DvrService(
      Path folder,
      long maxBytes,
      Function<StreamKey, @Nullable DvrPolicy> policies,
      InstantSource clock,
      EventSink events)
      throws IOException {
    this.events = events;
    this.policies = policies;
    this.clock = clock;
    this.disk =
        new DiskQueue(
            "dvr",
            MAX_QUEUED_BYTES,
            bug -> LOG.atError().setCause(bug).log("a task of the DVR failed"));
    this.directory = DvrDirectory.open(folder, maxBytes, disk, System::nanoTime, this::rule);
  }

  /**
   * Finds what an earlier process has left; reads the disk.
   *
   * @param maxBytes of all streams together; the oldest media goes where it would be more
   */
  public static DvrService open(
      Path dataDir,
      long maxBytes,
      Function<StreamKey, @Nullable DvrPolicy> policies,
      InstantSource clock,
      EventSink events)
      throws IOException {
    return new DvrService(dataDir.resolve("dvr"), maxBytes, policies, clock, events);
  }

  private DvrDirectory.@Nullable Rule rule(StreamKey key) {
    DvrPolicy policy = policies.apply(key);
    return policy == null
        ? null
        : new DvrDirectory.Rule(
            DvrSettings.of(policy.window().plus(SERVED_LONGER), policy.maxBytes()),
            new DvrNotes(key, events));
  }

  /** The stream's window, as it was left or begun now; null for a stream that is to have none. */
  public @Nullable DvrStream stream(StreamKey key) {
    Instant now = clock.instant();
    String instance = Long.toString(now.toEpochMilli(), INSTANCE_RADIX).toLowerCase(Locale.ROOT);
    return directory.stream(key, now.minus(ActiveStream.HEADROOM), instance);
  }

  /** Every stream that has something on disk. */
  public Collection<DvrStream> streams() {
    return directory.all();
  }

  /** How long a stream that has ended stays to be watched. */
  public Duration remaining(DvrStream stream) {
    DvrPolicy policy = policies.apply(stream.key());
    Instant end = stream.epoch().plusNanos(stream.endUs() * 1_000);
    Duration left =
        policy == null
            ? Duration.ZERO
            : Duration.between(clock.instant(), end.plus(policy.window()));
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** Removes what has been over for longer than its window; now and then. Never blocks. */
  public void sweep(Predicate<StreamKey> inUse) {
    directory.sweep(clock.instant(), inUse);
  }

  public long sizeBytes() {
    return directory.sizeBytes();
  }

  public long queuedBytes() {
    return disk.queuedBytes();
  }

  /** Segments of all streams that could not be stored, since the start. */
  public long missing() {
    long missing = 0;
    for (DvrStream stream : directory.all()) {
      for (DvrStats stats : stream.stats()) {
        missing += stats.holes();
      }
    }
    return missing;
  }

  /** Renditions of all streams that cannot be written now. */
  public long failing() {
    return directory.all().stream()
        .flatMap(stream -> stream.stats().stream())
        .filter(DvrStats::failed)
        .count();
  }

  /** Writes what waits, and makes it last. */
  @Override
  public void close() {
    directory.all().forEach(DvrStream::seal);
    if (!disk.close(LAST_WRITES)) {
      LOG.atWarn()
          .addKeyValue("bytes", disk.queuedBytes())
          .log("not written to the DVR before the end");
    }
  }
}
