package io.millrace.packager.dvr;

import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.disk.DiskWork;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One rendition's folder. A new interval is appended to the newest {@link SegmentFile}; the oldest
 * file is removed as a whole. A number finds its file among at most some hundreds by bisection and
 * its place in there by subtraction; a start tick bisects twice.
 *
 * <p>Threads: {@link #add} on the stream's loop, reading on any, everything that touches the disk
 * on the disk's. What is listed is guarded by this object, which is never held during a write.
 *
 * <p>A disk that cannot be written to makes the store fail, not the stream: intervals become gaps,
 * the first failure is told once, and after a while the next interval tries again.
 */
final class DvrStore implements DvrWindow {
  /** What is written before the first interval. */
  interface Preparation {
    void write() throws IOException;
  }

  /** Holds the rendition's name, whose folder's is an encoded one, and the note. */
  static final String NAME_FILE = "rendition.name";

  /** Missing intervals remembered as gaps; behind more of them the window starts anew. */
  private static final int MAX_GAPS = 4096;

  private final String name;
  private final String note;
  private final Preparation preparation;
  private final Path folder;
  private final DvrSettings settings;
  private final String instance;
  private final DiskWork disk;
  private final LongSupplier nanoTime;
  private final DvrListener listener;
  private final LongConsumer reached;

  // Guarded by this.
  private final ArrayList<SegmentFile> files = new ArrayList<>();
  private final TreeMap<Integer, InitSegment> inits = new TreeMap<>();
  private long bytes;
  private int intervals;
  private long holes;

  /** Not stored, by sequence; to be recorded as gaps as soon as something can be written. */
  private final TreeMap<Long, StoredInterval> missing = new TreeMap<>();

  // The newest interval given, on disk or not; written on the stream's loop.
  private volatile long givenSequence = -1;
  private volatile long givenEndUs = Long.MIN_VALUE;

  // On the disk's thread.
  private volatile boolean failed;
  private long failedAtNanos;
  private long holesBeforeFailure;

  /**
   * Touches no disk.
   *
   * @param note a line
   * @param reached told on the disk's thread where the newest interval ends, stored or not, in
   *     microseconds of the stream's time
   */
  DvrStore(
      String name,
      String note,
      Preparation preparation,
      Path folder,
      DvrSettings settings,
      String instance,
      DiskWork disk,
      LongSupplier nanoTime,
      DvrListener listener,
      LongConsumer reached) {
    this.name = name;
    this.note = note;
    this.preparation = preparation;
    this.folder = folder;
    this.settings = settings;
    this.instance = instance;
    this.disk = disk;
    this.nanoTime = nanoTime;
    this.listener = listener;
    this.reached = reached;
  }

  String name() {
    return name;
  }

  /** Lists what is in the folder; reads the disk. */
  synchronized void restore() throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.sorted().toList()) {
        String file = entry.getFileName().toString();
        if (file.endsWith(".tmp")) {
          Files.delete(entry);
        } else if (file.endsWith(SegmentFile.DATA)) {
          names.add(file.substring(0, file.length() - SegmentFile.DATA.length()));
        } else if (file.endsWith(InitFile.ENDING)) {
          InitSegment init = InitFile.read(entry);
          if (init == null) {
            listener.repaired(entry + ": not an init segment, removed");
            Files.delete(entry);
          } else {
            inits.put(init.number(), init);
          }
        } else if (file.endsWith(SegmentFile.INDEX)
            && !Files.exists(folder.resolve(file.replace(SegmentFile.INDEX, SegmentFile.DATA)))) {
          Files.delete(entry);
        }
      }
    }
    for (String each : names) {
      SegmentFile file = SegmentFile.restore(folder, each, listener);
      if (file != null) {
        admit(file);
      }
    }
    dropUnusedInits();
  }

  /** Lists a file that was found, unless it contradicts what is listed or needs what is gone. */
  private void admit(SegmentFile file) throws IOException {
    boolean whole =
        file.intervals().stream()
            .allMatch(interval -> interval.isGap() || inits.containsKey(interval.initNumber()));
    if (!whole || (!files.isEmpty() && file.firstSequence() <= files.getLast().lastSequence())) {
      listener.repaired(file.data() + ": does not fit what else is there, removed");
      file.remove();
      return;
    }
    if (!files.isEmpty() && file.firstSequence() != files.getLast().lastSequence() + 1) {
      // A playlist cannot express the skip: the window is what lies behind it.
      listener.repaired(folder + ": intervals missing before " + file.firstSequence());
      for (SegmentFile older : List.copyOf(files)) {
        drop(older);
      }
    }
    files.add(file);
    bytes += file.sizeBytes();
    intervals += file.intervals().size();
  }

  @Override
  public boolean add(Interval interval, long discontinuitiesBefore) {
    givenSequence = interval.sequence();
    givenEndUs = interval.endUs();
    long size = interval instanceof Segment segment ? segment.sizeBytes() : 0;
    if (disk.offer(
        size,
        () -> {
          append(interval, discontinuitiesBefore);
          reached.accept(interval.endUs());
        })) {
      return true;
    }
    missed(interval, discontinuitiesBefore);
    return false;
  }

  private synchronized void missed(Interval interval, long discontinuitiesBefore) {
    holes++;
    missing.put(interval.sequence(), gap(interval, discontinuitiesBefore));
    if (missing.size() > MAX_GAPS) {
      missing.clear();
    }
  }

  private static StoredInterval gap(Interval interval, long discontinuitiesBefore) {
    return new StoredInterval(
        interval.sequence(),
        interval.discontinuity(),
        discontinuitiesBefore,
        interval.boundaryTicks(),
        interval.timescale(),
        interval.startTicks(),
        interval.endTicks(),
        StoredInterval.GAP,
        0,
        0,
        0);
  }

  private void append(Interval interval, long discontinuitiesBefore) {
    if (failed && nanoTime.getAsLong() - failedAtNanos < settings.retry().toNanos()) {
      missed(interval, discontinuitiesBefore);
      return;
    }
    try {
      appendMissing(interval.sequence());
      if (isEmpty() && interval instanceof Gap) {
        return; // the window starts with media
      }
      SegmentFile file = fileFor(interval);
      write(
          file,
          () ->
              switch (interval) {
                case Segment segment ->
                    file.append(segment, store(segment.init()), discontinuitiesBefore);
                case Gap gap -> file.append(gap(gap, discontinuitiesBefore));
              });
      works();
    } catch (IOException e) {
      missed(interval, discontinuitiesBefore);
      fails(e);
    }
  }

  private synchronized boolean isEmpty() {
    return files.isEmpty();
  }

  /** Records what could not be stored, up to {@code sequence}, which is about to be. */
  private void appendMissing(long sequence) throws IOException {
    for (StoredInterval gap = missingBefore(sequence); gap != null; gap = missingBefore(sequence)) {
      if (!isEmpty() && gap.sequence() == lastSequence() + 1) {
        SegmentFile file = fileForNext(gap.endUs());
        StoredInterval missed = gap;
        write(file, () -> file.append(missed));
      }
      forgetMissing(gap);
    }
  }

  private synchronized @Nullable StoredInterval missingBefore(long sequence) {
    var first = missing.firstEntry();
    return first == null || first.getKey() >= sequence ? null : first.getValue();
  }

  private synchronized void forgetMissing(StoredInterval gap) {
    missing.remove(gap.sequence());
  }

  private interface Append {
    StoredInterval write() throws IOException;
  }

  /** Lists what has been written; a file that stays empty is removed again. */
  private void write(SegmentFile file, Append append) throws IOException {
    try {
      list(file, append.write());
    } finally {
      if (file.intervals().isEmpty()) {
        file.remove();
      }
    }
  }

  private SegmentFile fileFor(Interval interval) throws IOException {
    if (!isEmpty() && interval.sequence() != lastSequence() + 1) {
      startAnew();
    }
    return isEmpty() ? begin(interval.sequence()) : fileForNext(interval.endUs());
  }

  /** The newest file, or a new one where that is full or was written by an earlier process. */
  private SegmentFile fileForNext(long endUs) throws IOException {
    SegmentFile newest = newest();
    boolean full =
        newest.sizeBytes() >= settings.fileBytes()
            || endUs - newest.startUs() > settings.fileDuration().toNanos() / 1_000;
    if (newest.isOpen() && !full) {
      return newest;
    }
    long next = lastSequence() + 1;
    if (newest.isOpen()) {
      newest.force();
    }
    return begin(next);
  }

  private synchronized SegmentFile newest() {
    return files.getLast();
  }

  /** A file that gets its first interval at once, or is removed again. */
  private SegmentFile begin(long firstSequence) throws IOException {
    Path nameFile = folder.resolve(NAME_FILE);
    if (!Files.exists(nameFile)) {
      preparation.write();
      Files.createDirectories(folder);
      DiskFiles.replace(nameFile, (name + "\n" + note).getBytes(StandardCharsets.UTF_8));
    }
    return SegmentFile.create(folder, firstSequence);
  }

  private void startAnew() throws IOException {
    List<SegmentFile> old;
    synchronized (this) {
      old = List.copyOf(files);
    }
    for (SegmentFile file : old) {
      drop(file);
    }
  }

  private synchronized void list(SegmentFile file, StoredInterval interval) {
    if (files.isEmpty() || files.getLast() != file) {
      files.add(file);
      bytes += file.sizeBytes();
    } else {
      bytes -= file.listedBytes();
      bytes += file.sizeBytes();
    }
    file.list(interval);
    intervals++;
  }

  private void fails(IOException failure) {
    failedAtNanos = nanoTime.getAsLong();
    if (!failed) {
      failed = true;
      synchronized (this) {
        holesBeforeFailure = holes - 1;
      }
      listener.failed(name, DiskFiles.reason(failure));
    }
  }

  private void works() {
    if (failed) {
      failed = false;
      long lost;
      synchronized (this) {
        lost = holes - holesBeforeFailure;
      }
      listener.recovered(name, lost);
    }
  }

  /** The number that the init segment has here: its own, unless other bytes have that one. */
  private int store(InitSegment init) throws IOException {
    int number = init.number();
    synchronized (this) {
      for (InitSegment known : inits.values()) {
        if (Arrays.equals(known.bytes(), init.bytes())) {
          return known.number();
        }
      }
      if (inits.containsKey(number)) {
        number = inits.lastKey() + 1;
      }
    }
    InitSegment stored = new InitSegment(number, init.format(), init.bytes());
    InitFile.write(folder, stored);
    synchronized (this) {
      inits.put(number, stored);
    }
    return number;
  }

  // Removing, on the disk's thread.

  /** Removes files that end before {@code us}, of the stream's time. */
  void dropBefore(long us) {
    for (SegmentFile oldest = oldest(); oldest != null; oldest = oldest()) {
      if (oldest.endUs() > us) {
        return;
      }
      if (oldest.isOpen()) {
        seal(); // the rendition has ended long ago
      }
      if (!dropOldest()) {
        return;
      }
    }
  }

  private synchronized @Nullable SegmentFile oldest() {
    return files.isEmpty() ? null : files.getFirst();
  }

  /** When the oldest file starts, of the stream's time; the far future where none may go. */
  synchronized long oldestUs() {
    return files.isEmpty() || files.getFirst().isOpen()
        ? Long.MAX_VALUE
        : files.getFirst().startUs();
  }

  /** Removes the oldest file; false where there is none that is not being written. */
  boolean dropOldest() {
    SegmentFile oldest = oldest();
    if (oldest == null || oldest.isOpen()) {
      return false;
    }
    try {
      drop(oldest);
      dropUnusedInits();
      return true;
    } catch (IOException e) {
      fails(e);
      return false;
    }
  }

  private void drop(SegmentFile file) throws IOException {
    synchronized (this) {
      if (files.remove(file)) {
        bytes -= file.listedBytes();
        intervals -= file.intervals().size();
      }
    }
    file.remove();
  }

  private void dropUnusedInits() throws IOException {
    Set<Integer> used = new HashSet<>();
    List<Integer> unused = new ArrayList<>();
    synchronized (this) {
      for (SegmentFile file : files) {
        used.addAll(file.initNumbers());
      }
      for (Integer number : inits.keySet()) {
        if (!used.contains(number)) {
          unused.add(number);
        }
      }
      unused.forEach(inits::remove);
    }
    for (Integer number : unused) {
      Files.deleteIfExists(InitFile.path(folder, number));
    }
  }

  /** Forces and closes what is written; more may be added. */
  void seal() {
    SegmentFile newest = null;
    synchronized (this) {
      newest = files.isEmpty() ? null : files.getLast();
    }
    if (newest != null && newest.isOpen()) {
      try {
        newest.force();
      } catch (IOException e) {
        fails(e);
      }
    }
  }

  // Reading, on any thread.

  @Override
  public synchronized long firstSequence() {
    return files.isEmpty() ? -1 : files.getFirst().firstSequence();
  }

  @Override
  public synchronized long lastSequence() {
    return files.isEmpty() ? -1 : files.getLast().lastSequence();
  }

  long nextSequence() {
    return Math.max(lastSequence(), givenSequence) + 1;
  }

  synchronized long endUs() {
    long storedUs = files.isEmpty() ? Long.MIN_VALUE : files.getLast().endUs();
    return Math.max(storedUs, givenEndUs);
  }

  /** The newest one; null when there is none. */
  synchronized @Nullable StoredInterval last() {
    return files.isEmpty() ? null : files.getLast().intervals().getLast();
  }

  @Override
  public synchronized @Nullable StoredInterval newestMedia() {
    for (SegmentFile file : files.reversed()) {
      for (StoredInterval interval : file.intervals().reversed()) {
        if (!interval.isGap()) {
          return interval;
        }
      }
    }
    return null;
  }

  synchronized long sizeBytes() {
    return bytes;
  }

  @Override
  public synchronized List<StoredInterval> list(long fromSequence, long toSequence) {
    List<StoredInterval> found = new ArrayList<>();
    for (int i = Math.max(0, fileOf(fromSequence)); i < files.size(); i++) {
      SegmentFile file = files.get(i);
      long first = file.firstSequence();
      if (first >= toSequence) {
        break;
      }
      int from = (int) Math.clamp(fromSequence - first, 0, file.intervals().size());
      int to = (int) Math.clamp(toSequence - first, from, file.intervals().size());
      found.addAll(file.intervals().subList(from, to));
    }
    return found;
  }

  @Override
  public synchronized List<StoredInterval> between(long fromUs, long toUs) {
    List<StoredInterval> found = new ArrayList<>();
    int first = bisect(files.size(), i -> files.get(i).endUs() > fromUs);
    for (SegmentFile file : files.subList(first, files.size())) {
      if (file.startUs() >= toUs) {
        break;
      }
      for (StoredInterval interval : file.intervals()) {
        if (interval.endUs() > fromUs && interval.startUs() < toUs) {
          found.add(interval);
        }
      }
    }
    return found;
  }

  @Override
  public synchronized @Nullable StoredInterval find(long sequence) {
    int file = fileOf(sequence);
    if (file < 0) {
      return null;
    }
    List<StoredInterval> in = files.get(file).intervals();
    long place = sequence - files.get(file).firstSequence();
    return place < in.size() ? in.get((int) place) : null;
  }

  /** The last file that starts at or before it; -1 when there is none. */
  private int fileOf(long sequence) {
    return bisect(files.size(), i -> files.get(i).firstSequence() > sequence) - 1;
  }

  @Override
  public synchronized @Nullable StoredInterval startingAt(long startTicks) {
    int after = bisect(files.size(), i -> startOf(files.get(i), 0) > startTicks);
    if (after == 0) {
      return null;
    }
    SegmentFile file = files.get(after - 1);
    int place = bisect(file.intervals().size(), i -> startOf(file, i) >= startTicks);
    for (int i = place; i < file.intervals().size() && startOf(file, i) == startTicks; i++) {
      if (!file.intervals().get(i).isGap()) {
        return file.intervals().get(i);
      }
    }
    return null;
  }

  private static long startOf(SegmentFile file, int place) {
    return file.intervals().get(place).startTicks();
  }

  private interface Condition {
    boolean holds(int place);
  }

  /** The first place where a condition holds that holds from there on; {@code size} for none. */
  private static int bisect(int size, Condition condition) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (condition.holds(middle)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  @Override
  public @Nullable FileRange range(StoredInterval interval) {
    SegmentFile file = holder(interval);
    return file == null || interval.isGap()
        ? null
        : new FileRange(file.data(), interval.position(), interval.sizeBytes());
  }

  private synchronized @Nullable SegmentFile holder(StoredInterval interval) {
    return interval.equals(find(interval.sequence()))
        ? files.get(fileOf(interval.sequence()))
        : null;
  }

  @Override
  public List<StoredPart> parts(StoredInterval interval) throws IOException {
    SegmentFile file = holder(interval);
    return file == null ? List.of() : file.parts(interval);
  }

  @Override
  public @Nullable FileRange range(String fileName) {
    long startTicks = DvrNames.startTicks(instance, fileName);
    StoredInterval interval = startTicks < 0 ? null : startingAt(startTicks);
    return interval == null ? null : range(interval);
  }

  @Override
  public synchronized @Nullable InitSegment init(int number) {
    return inits.get(number);
  }

  @Override
  public synchronized List<InitSegment> inits() {
    return List.copyOf(inits.values());
  }

  @Override
  public String note() {
    return note;
  }

  @Override
  public synchronized DvrStats stats() {
    return new DvrStats(bytes, intervals, holes, failed);
  }
}
