package io.millrace.server.edge.disk;

import io.millrace.packager.disk.DiskFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Blobs under names in a folder, within a number of bytes. They are written one behind the other
 * into files of a sixteenth of that; the oldest file is deleted to make room, so nothing is ever
 * moved and nothing gets fragmented. Nothing is forced to the disk: what a crash leaves in part
 * does not have its checksums, and is not there.
 *
 * <p>{@link #find} and {@link Blob} from any thread; all else from one.
 */
public final class BlobStore implements AutoCloseable {
  private static final int SLABS = 16;
  private static final Pattern FILE = Pattern.compile("([0-9a-f]{16})\\.blobs");
  private static final String LOCK = "lock";

  /** Opens a file to be read and appended to, which is not there yet. */
  interface Opener {
    FileChannel open(Path file) throws IOException;
  }

  private record Place(Slab slab, long offset) {}

  private final Path folder;
  private final long maxBytes;
  private final int maxBlobs;
  private final Opener opener;
  private final FileChannel lock;
  private final Map<BlobName, Place> index = new ConcurrentHashMap<>();
  private final Deque<Slab> slabs = new ArrayDeque<>();
  private final AtomicLong sizeBytes = new AtomicLong();
  private final LongAdder evicted = new LongAdder();
  private final List<Slab> unread = new ArrayList<>();
  private @Nullable Slab open;
  private long nextNumber;

  /** The one that is deleted next; null while there is room for long. */
  private volatile @Nullable Slab endangered;

  /** A blob that was found. Reading fails when it has to make room meanwhile. */
  public final class Blob {
    private final BlobName name;
    private final Place place;
    private final BlobHead head;
    private int nextPiece;

    private Blob(BlobName name, Place place, BlobHead head) {
      this.name = name;
      this.place = place;
      this.head = head;
    }

    public byte[] notes() {
      return head.notes();
    }

    public long bornMs() {
      return head.bornMs();
    }

    public long sizeBytes() {
      return head.bodyBytes();
    }

    /**
     * The next bytes, compared with their checksums; blocks.
     *
     * @param atMost how many pieces of 64 KiB
     * @return null behind the last
     * @throws IOException when it cannot be read, or is not what was written; it is forgotten then
     */
    public byte @Nullable [] next(int atMost) throws IOException {
      int to = Math.min(head.pieceSums().length, nextPiece + atMost);
      if (nextPiece == to) {
        return null;
      }
      try {
        long body = place.offset + head.lengths().headBytes();
        byte[] bytes = place.slab.pieces(body, head, nextPiece, to);
        nextPiece = to;
        return bytes;
      } catch (IOException e) {
        index.remove(name, place);
        throw e;
      }
    }
  }

  private BlobStore(Path folder, long maxBytes, int maxBlobs, Opener opener, FileChannel lock) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.maxBlobs = maxBlobs;
    this.opener = opener;
    this.lock = lock;
  }

  /**
   * Opens a folder, which is made where there is none. What is in it is not known yet: {@link
   * #readNext}.
   *
   * @param maxBlobs that the index has room for
   * @throws IOException when it cannot be used, or another process does
   */
  public static BlobStore open(Path folder, long maxBytes, int maxBlobs) throws IOException {
    return open(
        folder,
        maxBytes,
        maxBlobs,
        file ->
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
  }

  static BlobStore open(Path folder, long maxBytes, int maxBlobs, Opener opener)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
    FileChannel lock =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    BlobStore store = new BlobStore(folder, maxBytes, maxBlobs, opener, lock);
    try {
      store.take(lock);
      store.list();
      return store;
    } catch (IOException e) {
      store.close();
      throw e;
    }
  }

  private void take(FileChannel file) throws IOException {
    FileLock taken;
    try {
      taken = file.tryLock();
    } catch (OverlappingFileLockException e) {
      taken = null;
    }
    if (taken == null) {
      throw new IOException(folder + " is used by another server");
    }
  }

  private void list() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher name = FILE.matcher(String.valueOf(file.getFileName()));
        if (name.matches()) {
          long number = Long.parseUnsignedLong(name.group(1), 16);
          FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
          unread.add(new Slab(file, number, channel, channel.size()));
        }
      }
    }
    unread.sort(Comparator.comparingLong(slab -> slab.number));
    for (Slab slab : unread) {
      slabs.addLast(slab);
      sizeBytes.addAndGet(slab.sizeBytes());
      nextNumber = slab.number + 1;
    }
    makeRoom(0);
  }

  /**
   * Reads the heads of one file into the index, the newest first; blocks.
   *
   * @return false when all are known
   * @throws IOException when a file cannot be read; what it holds is not known then
   */
  public boolean readNext() throws IOException {
    if (unread.isEmpty()) {
      return false;
    }
    Slab slab = unread.removeLast();
    slab.scan((offset, head) -> found(BlobName.of(head.name()), new Place(slab, offset)));
    return true;
  }

  /** What stands in a newer file, or behind it in the same one, has taken its place. */
  private void found(BlobName name, Place place) {
    Place known = index.get(name);
    if (known != null && known.slab == place.slab) {
      index.put(name, place);
    } else if (known == null && index.size() < maxBlobs) {
      index.put(name, place);
    }
  }

  /** True when it is likely to be there; does not block. */
  public boolean has(byte[] name) {
    return index.containsKey(BlobName.of(name));
  }

  /** True when it is there, and not in the file that is deleted next; does not block. */
  public boolean isSafe(byte[] name) {
    Place place = index.get(BlobName.of(name));
    return place != null && place.slab != endangered;
  }

  /**
   * Finds one; blocks.
   *
   * @return null when it is not there, or not any more
   * @throws IOException when it cannot be read; it is forgotten then
   */
  public @Nullable Blob find(byte[] name, long nowMs) throws IOException {
    BlobName hashed = BlobName.of(name);
    Place place = index.get(hashed);
    if (place == null) {
      return null;
    }
    try {
      BlobHead head = place.slab.head(place.offset);
      return head.expiresMs() > nowMs && Slab.isNamed(head, name)
          ? new Blob(hashed, place, head)
          : null;
    } catch (IOException e) {
      index.remove(hashed, place);
      throw e;
    }
  }

  /** The most that one may have, with its name and notes. */
  public long largestBytes() {
    return maxBytes / SLABS;
  }

  /**
   * Writes one; blocks.
   *
   * @param notes the caller's, given back by {@link Blob#notes}
   * @param body arrays end to end; borrowed
   * @return false when it is too large to be kept
   * @throws IOException when it cannot be written; nothing else is lost by that
   */
  public boolean put(byte[] name, byte[] notes, long bornMs, long expiresMs, List<byte[]> body)
      throws IOException {
    long bodyBytes = body.stream().mapToLong(array -> array.length).sum();
    if (name.length > BlobHead.MAX_NAME_BYTES
        || notes.length > BlobHead.MAX_NOTES_BYTES
        || bodyBytes > largestBytes()) {
      return false;
    }
    BlobHead head = BlobHead.of(name, notes, bornMs, expiresMs, body, bodyBytes);
    long allBytes = head.lengths().allBytes();
    if (allBytes > largestBytes()) {
      return false;
    }
    Slab slab = open;
    if (slab != null && slab.sizeBytes() + allBytes > largestBytes()) {
      slab = null;
      open = null;
    }
    makeRoom(allBytes);
    if (slab == null || open == null) {
      slab = begin();
    }
    long offset;
    try {
      offset = slab.append(head, body);
    } catch (IOException e) {
      open = null; // what is whole in it stays
      throw e;
    }
    sizeBytes.addAndGet(allBytes);
    index.put(BlobName.of(name), new Place(slab, offset));
    boolean nearlyFull = sizeBytes.get() > maxBytes - largestBytes();
    endangered = nearlyFull ? slabs.peekFirst() : null;
    return true;
  }

  private Slab begin() throws IOException {
    Path file = folder.resolve(String.format("%016x.blobs", nextNumber));
    FileChannel channel = opener.open(file);
    Slab begun = new Slab(file, nextNumber++, channel, 0);
    slabs.addLast(begun);
    open = begun;
    return begun;
  }

  private void makeRoom(long bytes) throws IOException {
    while (!slabs.isEmpty()
        && (sizeBytes.get() + bytes > maxBytes || index.size() + 1 > maxBlobs)) {
      dropOldest();
    }
  }

  private void dropOldest() throws IOException {
    Slab oldest = slabs.removeFirst();
    endangered = null;
    unread.remove(oldest);
    if (oldest == open) {
      open = null;
    }
    int before = index.size();
    index.values().removeIf(place -> place.slab == oldest);
    evicted.add(before - index.size());
    sizeBytes.addAndGet(-oldest.sizeBytes());
    oldest.delete();
  }

  /** Of all files; any thread. */
  public long sizeBytes() {
    return sizeBytes.get();
  }

  /** Blobs that are known; any thread. */
  public int blobs() {
    return index.size();
  }

  /** Blobs that made room for others; any thread. */
  public long evicted() {
    return evicted.sum();
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Slab slab : slabs) {
      try {
        slab.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    lock.close();
    if (failure != null) {
      throw new IOException(DiskFiles.reason(failure), failure);
    }
  }
}
