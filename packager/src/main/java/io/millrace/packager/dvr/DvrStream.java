package io.millrace.packager.dvr;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskFiles;
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
 * <p>One that is on disk is opened off the event loops, for that reads; one that is begun touches
 * the disk with its first interval. Everything else as {@link DvrWindow} says.
 */
public final class DvrStream {
  /** Says that the stream has been ended, and not just been cut off. */
  private static final String ENDED_FILE = "stream.ended";

  private final Path folder;
  private final StreamMeta meta;
  private final DvrSettings settings;
  private final DiskWork disk;
  private final LongSupplier nanoTime;
  private final DvrListener listener;
  private final Runnable overallQuota;
  private final Map<String, DvrStore> renditions = new ConcurrentSkipListMap<>();
  private volatile boolean ended;

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

  /** A stream that has nothing on disk yet. */
  static DvrStream begin(
      Path folder,
      StreamMeta meta,
      DvrSettings settings,
      DiskWork disk,
      LongSupplier nanoTime,
      DvrListener listener,
      Runnable overallQuota) {
    return new DvrStream(folder, meta, settings, disk, nanoTime, listener, overallQuota);
  }

  /**
   * A stream as it is on disk.
   *
   * @param overallQuota called on the disk's thread when the stream has grown
   */
  static DvrStream restore(
      Path folder,
      StreamMeta meta,
      DvrSettings settings,
      DiskWork disk,
      LongSupplier nanoTime,
      DvrListener listener,
      Runnable overallQuota)
      throws IOException {
    DvrStream stream =
        new DvrStream(folder, meta, settings, disk, nanoTime, listener, overallQuota);
    stream.ended = Files.exists(folder.resolve(ENDED_FILE));
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
        String[] lines = Files.readString(nameFile, StandardCharsets.UTF_8).split("\n", 2);
        DvrStore store = store(lines[0], lines.length > 1 ? lines[1] : "");
        store.restore();
        renditions.put(store.name(), store);
      } else {
        removeTree(each);
      }
    }
  }

  private DvrStore store(String name, String note) {
    return new DvrStore(
        name,
        note,
        this::writeMeta,
        folder.resolve(SafeName.of(name)),
        settings,
        meta.instance(),
        disk,
        nanoTime,
        listener,
        this::retain);
  }

  /** Before anything else is written; disk's thread. */
  private void writeMeta() throws IOException {
    if (StreamMeta.read(folder) == null) {
      Files.createDirectories(folder);
      meta.write(folder);
    }
  }

  DvrListener listener() {
    return listener;
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

  /** The number behind the newest interval given to any rendition; 0 where there is none. */
  public long nextSequence() {
    long next = 0;
    for (DvrStore window : renditions.values()) {
      next = Math.max(next, window.nextSequence());
    }
    return next;
  }

  /** True when the stream was ended, and nobody has published it since. */
  public boolean isEnded() {
    return ended;
  }

  /** Remembers whether the stream has ended, also over a restart. Never blocks. */
  public void ended(boolean now) {
    if (ended == now) {
      return;
    }
    ended = now;
    disk.offer(
        0,
        () -> {
          try {
            Path file = folder.resolve(ENDED_FILE);
            if (now && Files.isDirectory(folder)) {
              Files.write(file, new byte[0]);
            } else {
              Files.deleteIfExists(file);
            }
          } catch (IOException e) {
            listener.failed(ENDED_FILE, DiskFiles.reason(e));
          }
        });
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

  /** Where the newest interval given to any rendition ends, of the stream's time; 0 without any. */
  public long endUs() {
    long end = 0;
    for (DvrStore window : renditions.values()) {
      end = Math.max(end, window.endUs());
    }
    return end;
  }

  /** True where nothing is on disk. */
  boolean isEmpty() {
    return renditions.values().stream().allMatch(window -> window.firstSequence() < 0);
  }

  /** Renditions that have something on disk, or are being written. */
  public List<String> renditions() {
    return List.copyOf(renditions.keySet());
  }

  /** What there is of a rendition; null where nothing is. */
  public @Nullable DvrWindow find(String rendition) {
    return renditions.get(rendition);
  }

  /**
   * A rendition's window, which is begun where there is none. Never blocks.
   *
   * @param note a line that is kept with a new one, for whoever restores it
   */
  public DvrWindow rendition(String rendition, String note) {
    return renditions.computeIfAbsent(rendition, name -> store(name, note));
  }

  /** Of each rendition. */
  public List<DvrStats> stats() {
    return renditions.values().stream().map(DvrStore::stats).toList();
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

  /** Removes all of a stream that ended more than the window before {@code us}. Disk's thread. */
  void retainEnded(long us) {
    if (endUs() < us - settings.window().toNanos() / 1_000) {
      renditions.values().forEach(window -> window.dropBefore(Long.MAX_VALUE));
    }
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
