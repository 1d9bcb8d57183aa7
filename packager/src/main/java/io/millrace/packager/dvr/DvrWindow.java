package io.millrace.packager.dvr;

import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one rendition has on disk.
 *
 * <p>{@link #add} is called by the stream's owner for every interval as it is sealed, beside the
 * window in memory, which goes on holding the live edge: an interval shows up here when it has been
 * written, some milliseconds or, behind a slow disk, seconds later. Sequence numbers listed here
 * are without holes: what could not be stored is a gap, and where very many are missing the window
 * starts anew behind them.
 *
 * <p>To go on after a restart, a stream takes its epoch, its {@code instance} and its next sequence
 * number from {@link DvrStream}, gives each rendition's packager the {@link #inits} that it knows,
 * and lists {@link #list} before what comes.
 *
 * <p>Reading may be done from any thread; only {@link FileRange} and {@link #parts} touch the disk.
 */
public interface DvrWindow {
  /**
   * Takes the newest interval; its bytes are kept until they are written. Never blocks, never
   * throws for the disk's sake. Owner's thread.
   *
   * @param discontinuitiesBefore discontinuities of the stream before the interval
   * @return false where too much was waiting and the interval will be a gap
   */
  boolean add(Interval interval, long discontinuitiesBefore);

  /** What was noted when the rendition was begun. */
  String note();

  /** Sequence number of the oldest interval; -1 when there is none. */
  long firstSequence();

  /** Sequence number of the newest interval; -1 when there is none. */
  long lastSequence();

  /** The newest interval that is no gap; null when there is none among the newest. */
  @Nullable StoredInterval newestMedia();

  /** Those on disk of {@code fromSequence} (included) to {@code toSequence} (not), in order. */
  List<StoredInterval> list(long fromSequence, long toSequence);

  /** Those that overlap a span of the stream's time, in order. */
  List<StoredInterval> between(long fromUs, long toUs);

  /** Null where it is not on disk, or not any more. */
  @Nullable StoredInterval find(long sequence);

  /** The segment that starts at exactly this tick; null where it is not on disk. */
  @Nullable StoredInterval startingAt(long startTicks);

  /** Null for a gap, and for what has left the window. */
  @Nullable FileRange range(StoredInterval interval);

  /**
   * The parts of a segment; reads the disk.
   *
   * @return empty for a gap, and for what has left the window
   */
  List<StoredPart> parts(StoredInterval interval) throws IOException;

  /**
   * The file of this name, as playlists and manifests name it ({@link
   * io.millrace.packager.window.MediaNames}); null where there is none. Init segments are small and
   * in memory: {@link #init}.
   */
  @Nullable FileRange range(String fileName);

  /** Null for a number that is not in use. */
  @Nullable InitSegment init(int number);

  /** Every init segment that the intervals need. */
  List<InitSegment> inits();

  DvrStats stats();
}
