package io.millrace.packager.dvr;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.disk.DiskWork;
import io.millrace.packager.disk.SafeName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The windows of all streams, {@code APP/NAME/RENDITION} below one folder, each name as {@link
 * SafeName} writes it.
 *
 * <p>Streams have quotas of their own, and together one more: where it is exceeded, the file that
 * is oldest by the wall clock goes, whosesoever it is. A stream that nobody publishes any more ages
 * by the wall clock ({@link #sweep}).
 *
 * <p>{@link #open} reads the disk: not on an event loop. The rest may be called from any thread.
 */
public final class DvrDirectory {
  /** How a stream's window is kept, and who is told of it. */
  public record Rule(DvrSettings settings, DvrListener listener) {}

  private final Path root;
  private final long maxBytes;
  private final DiskWork disk;
  private final LongSupplier nanoTime;
  private final Function<StreamKey, @Nullable Rule> rules;
  private final Map<StreamKey, DvrStream> streams = new ConcurrentHashMap<>();

  private DvrDirectory(
      Path root,
      long maxBytes,
      DiskWork disk,
      LongSupplier nanoTime,
      Function<StreamKey, @Nullable Rule> rules) {
    this.root = root;
    this.maxBytes = maxBytes;
    this.disk = disk;
    this.nanoTime = nanoTime;
    this.rules = rules;
  }

  /**
   * Opens the folder with every stream in it; one that has no rule any more is removed.
   *
   * @param maxBytes of all streams together
   * @param rules null for a stream that is to have no window
   */
  public static DvrDirectory open(
      Path root,
      long maxBytes,
      DiskWork disk,
      LongSupplier nanoTime,
      Function<StreamKey, @Nullable Rule> rules)
      throws IOException {
    Files.createDirectories(root);
    DvrDirectory directory = new DvrDirectory(root, maxBytes, disk, nanoTime, rules);
    for (Path app : folders(root)) {
      for (Path name : folders(app)) {
        directory.restore(name);
      }
    }
    return directory;
  }

  private static List<Path> folders(Path in) throws IOException {
    try (Stream<Path> entries = Files.list(in)) {
      return entries.filter(Files::isDirectory).sorted().toList();
    }
  }

  private void restore(Path folder) throws IOException {
    StreamMeta meta = StreamMeta.read(folder);
    Rule rule = meta == null ? null : rules.apply(meta.key());
    if (meta == null || rule == null || !folder.equals(folder(meta.key()))) {
      DvrStream.removeTree(folder);
      return;
    }
    DvrStream found =
        DvrStream.restore(
            folder, meta, rule.settings(), disk, nanoTime, rule.listener(), this::keepQuota);
    if (found.isEmpty()) {
      DvrStream.removeTree(folder);
    } else {
      streams.put(meta.key(), found);
    }
  }

  private Path folder(StreamKey key) {
    return root.resolve(SafeName.of(key.app())).resolve(SafeName.of(key.name()));
  }

  /** A stream that has a window; null where it has none. */
  public @Nullable DvrStream find(StreamKey key) {
    return streams.get(key);
  }

  /** Every stream that has a window. */
  public Collection<DvrStream> all() {
    return List.copyOf(streams.values());
  }

  /**
   * The stream's window, as it was left or begun now. Never blocks.
   *
   * @param epoch and {@code instance}, of a stream that has none yet
   * @return null for a stream that has no rule
   */
  public @Nullable DvrStream stream(StreamKey key, Instant epoch, String instance) {
    Rule rule = rules.apply(key);
    if (rule == null) {
      return null;
    }
    return streams.computeIfAbsent(
        key,
        _ ->
            DvrStream.begin(
                folder(key),
                new StreamMeta(key, epoch, instance),
                rule.settings(),
                disk,
                nanoTime,
                rule.listener(),
                this::keepQuota));
  }

  public long sizeBytes() {
    return streams.values().stream().mapToLong(DvrStream::sizeBytes).sum();
  }

  /** Removes the oldest files while there is too much; disk's thread. */
  private void keepQuota() {
    while (sizeBytes() > maxBytes) {
      DvrStream oldest = null;
      Instant oldestAt = Instant.MAX;
      for (DvrStream stream : streams.values()) {
        long startUs = stream.oldestUs();
        if (startUs == Long.MAX_VALUE) {
          continue;
        }
        Instant at = stream.epoch().plus(Duration.ofNanos(1_000).multipliedBy(startUs));
        if (at.isBefore(oldestAt)) {
          oldest = stream;
          oldestAt = at;
        }
      }
      if (oldest == null || !oldest.dropOldest()) {
        return;
      }
    }
  }

  /**
   * Removes what has been over for longer than its window, and streams of which nothing is left.
   * Never blocks.
   *
   * @param inUse true for streams that may still be written to or are shown
   */
  public void sweep(Instant now, Predicate<StreamKey> inUse) {
    disk.offer(
        0,
        () -> {
          for (DvrStream stream : all()) {
            if (inUse.test(stream.key())) {
              continue;
            }
            stream.retainEnded(Duration.between(stream.epoch(), now).toNanos() / 1_000);
            if (stream.isEmpty()) {
              forget(stream);
            }
          }
        });
  }

  private void forget(DvrStream stream) {
    streams.remove(stream.key(), stream);
    try {
      DvrStream.removeTree(folder(stream.key()));
    } catch (IOException e) {
      stream.listener().failed(stream.key().toString(), DiskFiles.reason(e));
    }
  }
}
