package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.mpegts.ElementaryStream;
import io.millrace.media.mpegts.TsAccessUnit;
import org.jspecify.annotations.Nullable;

/**
 * A track of a transport stream: what its units have in common, whatever is in them. One that
 * cannot be read is dropped and counted; a track that is nothing but such units is refused.
 */
abstract class TsTrack {
  /** About ten seconds of pictures, or of sound that has lost its way. */
  private static final int BROKEN_UNITS_IN_A_ROW = 250;

  private static final int SPARE_BITS = Long.SIZE - TsAccessUnit.TIME_BITS;
  private static final Timescale WIRE = new Timescale(TsAccessUnit.TICKS_PER_SECOND);

  private @Nullable ElementaryStream stream;
  private int brokenInARow;
  private long droppedUnits;
  private boolean placed;
  private long placedPts;
  private long placedTicks;

  /** The stream that the track is fed by; null while it has none. */
  @Nullable ElementaryStream stream() {
    return stream;
  }

  /** Feeds the track by {@code next} from here on. */
  final void assign(ElementaryStream next) {
    if (next.equals(stream)) {
      return;
    }
    stream = next;
    brokenInARow = 0;
    begin(next);
  }

  final void unassign() {
    stream = null;
  }

  long droppedUnits() {
    return droppedUnits;
  }

  final void drop() {
    droppedUnits++;
  }

  /** Takes a unit; returns why the stream cannot be used at all, null where it can. */
  final @Nullable String accept(TsAccessUnit unit) {
    try {
      read(unit);
      brokenInARow = 0;
      return null;
    } catch (MediaFormatException e) {
      drop();
      brokenInARow++;
      boolean hopeless =
          e.kind() == MediaFormatException.Kind.UNSUPPORTED && !known()
              || brokenInARow == BROKEN_UNITS_IN_A_ROW;
      return hopeless ? String.valueOf(e.getMessage()) : null;
    }
  }

  /** Starts over with the kind of stream that {@code next} is. */
  abstract void begin(ElementaryStream next);

  /** True once the track's format is known. */
  abstract boolean known();

  /** Reads a unit, places it and passes it on. */
  abstract void read(TsAccessUnit unit);

  /** Something before the next unit was lost, a random access point perhaps. */
  abstract void lost(boolean randomAccess);

  /** Remembers where on the stream's clock a time of the wire is, in video ticks. */
  final void placed(long pts, long ticks) {
    placed = true;
    placedPts = pts;
    placedTicks = ticks;
  }

  /** True once a unit has been placed. */
  final boolean placed() {
    return placed;
  }

  /** Where a time of the wire is on the stream's clock; without one, where the track is. */
  final long ticksAt(long pts) {
    return pts == TsAccessUnit.NO_TIME
        ? placedTicks
        : placedTicks + WIRE.rescale(difference(pts, placedPts), Timescale.VIDEO);
  }

  /** a − b on the wire's clock, taken as the shorter way round. */
  static long difference(long a, long b) {
    return a - b << SPARE_BITS >> SPARE_BITS;
  }
}
