package io.millrace.packager.cue;

import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.media.scte35.Segmentation;
import io.millrace.media.scte35.SpliceCommand;
import io.millrace.media.scte35.SpliceSection;
import io.millrace.packager.cue.Range.Key;
import io.millrace.packager.cue.Range.Said;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The cues of a stream, for its playlists and its manifest alike.
 *
 * <ul>
 *   <li>An out point opens a range, the in point with the same event id closes it; one without its
 *       out point stands for itself. An in point of another id closes the range that was opened
 *       last, for encoders are known to number them so.
 *   <li>A message that is repeated says nothing new. Encoders repeat for receivers that join; at
 *       once (without a time) each repetition would otherwise be another splice.
 *   <li>A cancelled splice is not listed any more. One that is announced again with another time
 *       before it has begun replaces the first.
 *   <li>A range is kept as long as some of it is in the window, one that has not ended until it
 *       does.
 * </ul>
 *
 * <p>Owner's thread only. Bounded: of too many ranges the oldest goes.
 */
public final class CueLog {
  private static final int MAX_RANGES = 256;

  /** Half a second: times of one splice. */
  private static final long SAME_TICKS = Timescale.VIDEO.ticksPerSecond() / 2;

  /** 10 s: repetitions of a message without a time. */
  private static final long REPEAT_TICKS = 10L * Timescale.VIDEO.ticksPerSecond();

  private static final Timescale SPLICE = new Timescale(90_000);

  private final List<Range> ranges = new ArrayList<>();
  private long numbers;
  private boolean timedId3;
  private @Nullable CueSnapshot snapshot = CueSnapshot.NONE;

  /**
   * Takes a cue; false when it says nothing new.
   *
   * @param nextSequence of the segment that is not listed yet
   * @param edgeTicks where the media that is listed ends, in video ticks
   */
  public boolean accept(Cue cue, long nextSequence, long edgeTicks) {
    boolean news =
        switch (cue.scheme()) {
          case CueSchemes.SCTE35 -> new Reading(cue, nextSequence, edgeTicks).splice();
          case CueSchemes.ID3 -> {
            boolean first = !timedId3;
            timedId3 = true;
            yield first;
          }
          default -> false;
        };
    if (news) {
      while (ranges.size() > MAX_RANGES) {
        ranges.removeFirst();
      }
      snapshot = null;
    }
    return news;
  }

  /** Drops ranges that have slid out of a window that starts at {@code ticks}. */
  public void forgetBefore(long ticks) {
    if (ranges.removeIf(range -> !range.isOpen() && range.lastTicks() < ticks)) {
      snapshot = null;
    }
  }

  /** What there is to say; the same object as long as nothing changes. */
  public CueSnapshot snapshot(Instant epoch) {
    CueSnapshot made = snapshot;
    if (made == null) {
      made = Listing.of(ranges, epoch, timedId3);
      snapshot = made;
    }
    return made;
  }

  /** One message, as it is read. */
  private final class Reading {
    private final byte[] message;
    private final long atTicks;
    private final long edgeTicks;
    private final long nextSequence;
    private @Nullable Said said;

    Reading(Cue cue, long nextSequence, long edgeTicks) {
      this.message = cue.message();
      this.atTicks = Math.max(0, cue.ptsTicks());
      this.edgeTicks = edgeTicks;
      this.nextSequence = nextSequence;
    }

    boolean splice() {
      SpliceSection section;
      try {
        section = SpliceSection.parse(message);
      } catch (MediaFormatException _) {
        return false; // it has come whole, so its sender made it so; nobody could use it
      }
      return switch (section.command()) {
        case SpliceCommand.Null _, SpliceCommand.BandwidthReservation _ -> false;
        case SpliceCommand.Insert insert -> insert(insert);
        case SpliceCommand.TimeSignal signal -> signal(signal, section.segmentations());
        case SpliceCommand.Other _, SpliceCommand.Encrypted _ -> command();
      };
    }

    private boolean insert(SpliceCommand.Insert insert) {
      Key key = new Key(Key.INSERT, insert.eventId());
      if (insert.cancelled()) {
        return cancel(key);
      }
      return insert.out()
          ? open(key, insert.breakTicks(), insert.timed())
          : close(key, insert.timed());
    }

    private boolean signal(SpliceCommand.TimeSignal signal, List<Segmentation> segmentations) {
      boolean news = false;
      boolean others = segmentations.isEmpty();
      for (Segmentation segmentation : segmentations) {
        Key key = new Key(segmentation.typeId() & ~1, segmentation.eventId());
        if (segmentation.cancelled()) {
          news |= ranges.removeIf(r -> r.key.type() >= 0 && r.key.eventId() == key.eventId());
        } else if (!segmentation.splices()) {
          others = true;
        } else if (segmentation.out()) {
          news |= open(key, segmentation.durationTicks(), signal.timed());
        } else {
          news |= close(key, signal.timed());
        }
      }
      return others ? command() | news : news;
    }

    private boolean cancel(Key key) {
      return ranges.removeIf(range -> range.key.equals(key) && range.endTicks == Range.UNKNOWN);
    }

    private boolean open(Key key, long planned90kHz, boolean timed) {
      long plannedTicks =
          planned90kHz == SpliceCommand.UNKNOWN
              ? Range.UNKNOWN
              : SPLICE.rescale(planned90kHz, Timescale.VIDEO);
      for (Range range : ranges) {
        if (!range.key.equals(key) || range.out == null) {
          continue;
        }
        boolean sameTime = Math.abs(range.startTicks - atTicks) <= SAME_TICKS;
        boolean goesOn =
            range.endTicks == Range.UNKNOWN
                && atTicks <= range.startTicks + Math.max(REPEAT_TICKS, range.plannedTicks);
        if (sameTime || (!timed && goesOn)) {
          return false;
        }
      }
      ranges.removeIf(
          range ->
              range.key.equals(key)
                  && range.endTicks == Range.UNKNOWN
                  && range.startTicks > edgeTicks);
      ranges.add(new Range(key, atTicks, plannedTicks, said()));
      return true;
    }

    private boolean close(Key key, boolean timed) {
      Range closing = null;
      for (Range range : ranges) {
        boolean sameEnd =
            range.in != null
                && Math.abs(range.endTicks - atTicks) <= (timed ? SAME_TICKS : REPEAT_TICKS);
        if (range.key.equals(key) && sameEnd) {
          return false;
        }
        boolean open = range.in == null && range.startTicks <= atTicks;
        boolean named = closing != null && closing.key.equals(key);
        if (open && range.key.type() == key.type() && (range.key.equals(key) || !named)) {
          closing = range;
        }
      }
      if (closing == null) {
        closing = new Range(key, atTicks, Range.UNKNOWN, null);
        ranges.add(closing);
      }
      closing.in = said();
      closing.endTicks = atTicks;
      return true;
    }

    private boolean command() {
      for (Range range : ranges) {
        if (!range.isSplice()
            && range.out != null
            && Arrays.equals(range.out.message(), message)
            && Math.abs(range.startTicks - atTicks) <= REPEAT_TICKS) {
          return false;
        }
      }
      Said own = said();
      ranges.add(new Range(new Key(Key.COMMAND, own.number()), atTicks, Range.UNKNOWN, own));
      return true;
    }

    /** One event, however many ranges its message opens and closes. */
    private Said said() {
      Said known = said;
      if (known == null) {
        known = new Said(numbers++, nextSequence, message);
        said = known;
      }
      return known;
    }
  }
}
