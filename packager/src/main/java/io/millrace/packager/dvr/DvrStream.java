package io.millrace.packager.dvr;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskWork;
import io.millrace.packager.disk.SafeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A stream's folder: what holds for all renditions, and a {@link DvrWindow} for each.
 *
 * <p>{@link #nextSequence} and {@link #discontinuities} say where a stream goes on that is
 * published again: with these, {@link #epoch} and {@link #instance}, numbers, dates and names
 * continue as if the server had never been away.
 *
 * <p>Opened off the event loops, for it reads the disk. Everything else as {@link DvrWindow} says.
 */
public final class DvrStream {
  private final Path folder;
  private final StreamMeta meta;
  private final DvrSettings settings;
  private final DiskWork disk;
  private final LongSupplier nanoTime;
  private final DvrListener listener;
  private final Runnable overallQuota;
  private final Map<String, DvrStore> renditions = new ConcurrentSkipListMap<>();

  private DvrStream(
      Path folder,
      StreamMeta meta,
      DvrSettings settings,
      DiskWork disk,
      LongSupplier nanoTime,
      DvrListener listener,
      Runnable overallQuota) {
    this.folder = folder;
    this.meta = meta;
    this.settings = settings;
    this.disk = disk;
    this.nanoTime = nanoTime;
    this.listener = listener;
    this.overallQuota = overallQuota;
  }

  /**
   * A stream as it is on disk, or a new one.
   *
   * @param fresh what a new one begins with; null: there must be one
   * @param overallQuota called on the disk's thread when the stream has grown
   * @return null where there is none and none is begun
   */
  static @Nullable DvrStream open(
      Path folder,
      @Nullable StreamMeta fresh,
      DvrSettings settings,
      DiskWork disk,
      LongSupplier nanoTime,
      DvrListener listener,
      Runnable overallQuota)
      throws IOException {
    StreamMeta found = StreamMeta.read(folder);
    if (found == null) {
      if (Files.exists(folder)) {
        listener.repaired(folder + ": belongs to no stream, removed");
        removeTree(folder);
      }
      if (fresh == null) {
        return null;
      }
      Files.createDirectories(folder);
      fresh.write(folder);
      found = fresh;
    }
    DvrStream stream =
        new DvrStream(folder, found, settings, disk, nanoTime, listener, overallQuota);
    stream.restore();
    return stream;
  }

  private void restore() throws IOException {
    List<Path> folders;
    try (Stream<Path> entries = Files.list(folder)) {
      folders = entries.filter(Files::isDirectory).sorted().toList();
    }
    for (Path each : folders) {
      Path nameFile = each.resolve(DvrStore.NAME_FILE);
      if (Files.exists(nameFile)) {
        DvrStore store = store(Files.readString(nameFile, StandardCharsets.UTF_8));
        store.restore();
        renditions.put(store.name(), store);
      } else {
        removeTree(each);
      }
    }
  }

  private DvrStore store(String name) {
    return new DvrStore(
        name,
        folder.resolve(SafeName.of(name)),
        settings,
        meta.instance(),
        disk,
        nanoTime,
        listener,
        this::retain);
  }

  public StreamKey key() {
    return meta.key();
  }

  /** Wall-clock time of tick 0. */
  public Instant epoch() {
    return meta.epoch();
  }

  /** What the names of the stream's media files contain. */
  public String instance() {
    return meta.instance();
  }

  /** The number behind the newest interval of any rendition; 0 where nothing is stored. */
  public long nextSequence() {
    long next = 0;
    for (DvrStore window : renditions.values()) {
      next = Math.max(next, window.lastSequence() + 1);
    }
    return next;
  }

  /** Discontinuities up to the newest interval, that one's own included. */
  public long discontinuities() {
    long count = 0;
    for (DvrStore window : renditions.values()) {
      StoredInterval last = window.last();
      if (last != null) {
        count = Math.max(count, last.discontinuitiesBefore() + (last.discontinuity() ? 1 : 0));
      }
    }
    return count;
  }

  /** Where the newest interval of any rendition ends, in the stream's time; 0 without any. */
  public long endUs() {
    long end = 0;
    for (DvrStore window : renditions.values()) {
      end = Math.max(end, window.endUs());
    }
    return end;
  }

  /** Renditions that have something on disk, or are being written. */
  public List<String> renditions() {
    return List.copyOf(renditions.keySet());
  }

  /** What there is of a rendition; null where nothing is. */
  public @Nullable DvrWindow find(String rendition) {
    return renditions.get(rendition);
  }

  /** A rendition's window, which is begun where there is none. Never blocks. */
  public DvrWindow rendition(String rendition) {
    return renditions.computeIfAbsent(rendition, this::store);
  }

  public long sizeBytes() {
    long size = 0;
    for (DvrStore window : renditions.values()) {
      size += window.sizeBytes();
    }
    return size;
  }

  /** When the oldest file that may go starts, of the stream's time; the far future without one. */
  long oldestUs() {
    return renditions.values().stream().mapToLong(DvrStore::oldestUs).min().orElse(Long.MAX_VALUE);
  }

  /** Removes the oldest file of any rendition; false where none may go. Disk's thread. */
  boolean dropOldest() {
    DvrStore oldest =
        renditions.values().stream().min(Comparator.comparingLong(DvrStore::oldestUs)).orElse(null);
    return oldest != null && oldest.oldestUs() != Long.MAX_VALUE && oldest.dropOldest();
  }

  /** Removes what ended more than the window before {@code us}, of the stream's time. */
  void retain(long us) {
    long windowUs = settings.window().toNanos() / 1_000;
    renditions.values().forEach(window -> window.dropBefore(us - windowUs));
    while (sizeBytes() > settings.maxBytes() && dropOldest()) {
      // as long as there is too much
    }
    overallQuota.run();
  }

  /** Forces what has been written; for an orderly end. */
  public void seal() {
    disk.offer(0, () -> renditions.values().forEach(DvrStore::seal));
  }

  static void removeTree(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(folder)) {
      all = new ArrayList<>(tree.sorted(Comparator.reverseOrder()).toList());
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }
}
