package io.millrace.packager.segment;

import io.millrace.media.MediaFormatException;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Discontinuity;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.packager.crypt.ContentKey;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.crypt.TrackProtection;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Cuts one rendition's samples into segments at the stream's boundaries. What becomes of every
 * interval between two boundaries is told to the listener once: a {@link Segment}, or a {@link Gap}
 * where no usable sample came.
 *
 * <p>Events in order: Format, Boundary, Samples, Boundary, … A Format that differs from the one in
 * use takes effect in the next segment; where its init segment has been in use before, byte for
 * byte, it is used again under the same number, so that players and caches need not fetch it twice
 * for a slate that comes and goes. {@link End} seals the open segment at its natural end; more may
 * follow. An ID3 cue goes in front of the part that covers it. Events of the other kind of track
 * are released and ignored; samples that belong to no segment are released and counted.
 *
 * <p>Confined to one thread. Bounded: a segment that outgrows its limits is given up and becomes a
 * gap.
 */
public abstract sealed class TrackPackager implements Packager
    permits VideoPackager, AudioPackager {
  /** More sequence numbers than this missing at once are not told one by one. */
  private static final int MAX_MISSING = 512;

  /** Init segments remembered, the one in use included. */
  private static final int MAX_INITS = 16;

  private static final long NONE = -1;

  /**
   * A quarter of a second: a gap begins so much before its boundary, and a segment's decoding, no
   * more.
   */
  static final long MAX_HOLE_TICKS = Timescale.VIDEO.ticksPerSecond() / 4;

  final SegmentSettings settings;
  private final SegmentListener listener;
  private final InbandEvents inband = new InbandEvents();
  private long declaredBitrateBps;
  private final @Nullable TrackProtection protection;

  /** The format in use; told to nobody as it is where samples are encrypted. */
  @Nullable InitSegment init;

  /**
   * The interval that samples go into; null before the first boundary, and after an end that left
   * none open.
   */
  @Nullable Boundary open;

  /** Null as long as the open interval has no sample. */
  @Nullable SegmentBuilder segment;

  /** True when the open interval cannot become a segment any more. */
  boolean spoiled;

  /** The latest first. */
  private final ArrayDeque<InitSegment> inits = new ArrayDeque<>();

  private @Nullable Boundary last;
  private long openedSequence = NONE;
  private long sealedEndTicks;

  /** Null where what follows does not continue it. */
  private @Nullable SealedEnd sealed;

  private int initCount;
  private int clearCount;
  private int fragmentCount;
  private long droppedSamples;
  private boolean replayed;

  /** Why the last interval was given up; null after a segment. */
  private @Nullable String problem;

  /**
   * Where a segment's media ends.
   *
   * @param decodeTicks in decoding time
   */
  private record SealedEnd(long sequence, Timescale timescale, long decodeTicks) {}

  TrackPackager(
      SegmentSettings settings,
      long declaredBitrateBps,
      @Nullable Protection protection,
      SegmentListener listener) {
    this.protection = protection == null ? null : new TrackProtection(protection);
    this.settings = settings;
    this.declaredBitrateBps = declaredBitrateBps;
    this.listener = listener;
  }

  /**
   * @param declaredBitrateBps for the init segment; 0 when unknown
   */
  public static TrackPackager video(
      SegmentSettings settings, long declaredBitrateBps, SegmentListener listener) {
    return video(settings, declaredBitrateBps, null, listener);
  }

  /**
   * @param declaredBitrateBps for the init segment; 0 when unknown
   * @param protection null: the media stays clear
   */
  public static TrackPackager video(
      SegmentSettings settings,
      long declaredBitrateBps,
      @Nullable Protection protection,
      SegmentListener listener) {
    return new VideoPackager(settings, declaredBitrateBps, protection, listener);
  }

  /**
   * @param declaredBitrateBps for the init segment; 0 when unknown
   */
  public static TrackPackager audio(
      SegmentSettings settings, long declaredBitrateBps, SegmentListener listener) {
    return audio(settings, declaredBitrateBps, null, listener);
  }

  /**
   * @param declaredBitrateBps for the init segment; 0 when unknown
   * @param protection null: the media stays clear
   */
  public static TrackPackager audio(
      SegmentSettings settings,
      long declaredBitrateBps,
      @Nullable Protection protection,
      SegmentListener listener) {
    return new AudioPackager(settings, declaredBitrateBps, protection, listener);
  }

  /** For init segments to come; 0 when unknown. */
  public void declare(long bitrateBps) {
    declaredBitrateBps = bitrateBps;
  }

  @Override
  public long droppedSamples() {
    return droppedSamples;
  }

  /**
   * @throws MediaFormatException (unsupported) for a format without a sample entry; (malformed) for
   *     times that a segment cannot express
   * @throws IllegalStateException for a boundary that goes back in time: a bug in the stream
   */
  @Override
  public final void accept(TrackEvent event) {
    switch (event) {
      case Format format -> format(format.format());
      case Boundary boundary -> boundary(boundary);
      case Sample sample -> sample(sample);
      case Discontinuity _, End _ -> {
        finish();
        sealed = null;
      }
      case Cue cue -> inband.add(cue);
    }
  }

  /**
   * Init segments that the rendition had before, as it was published earlier: where they fit again,
   * they keep their numbers, and no other one gets those. Before the first event.
   */
  public void knows(List<InitSegment> earlier) {
    for (InitSegment init : earlier) {
      remember(init);
      initCount = Math.max(initCount, init.number() + 1);
    }
  }

  @Override
  public void discard() {
    SegmentBuilder dropped = segment;
    if (dropped != null) {
      dropped.discard();
      segment = null;
      listener.givenUp(dropped.boundary().sequence());
    }
    open = null;
  }

  abstract boolean carries(TrackFormat format);

  abstract boolean carries(Sample sample);

  /** Takes note of a boundary later than all before. */
  abstract void arrive(Boundary boundary);

  /** Takes a sample of the open interval's format. */
  abstract void take(Sample sample, InitSegment init);

  /** Seals what is open where it ends by itself: nobody knows where the next boundary will be. */
  abstract void finish();

  private void format(TrackFormat format) {
    if (!carries(format) || (init != null && init.format().equals(format))) {
      return;
    }
    byte[] bytes = InitWriter.write(format, declaredBitrateBps);
    if (protection != null) {
      init = new InitSegment(--clearCount, format, bytes);
      return;
    }
    InitSegment next = initSegment(format, bytes, null);
    init = next;
    listener.init(next);
  }

  /** The init segment of a format as it is encrypted from {@code boundary} on; null without key. */
  private @Nullable InitSegment locked(
      TrackProtection protecting, Boundary boundary, InitSegment clear) {
    TrackFormat format = clear.format();
    ContentKey key = protecting.begin(boundary, format);
    if (key == null) {
      return null;
    }
    InitSegment newest = inits.peekFirst();
    if (newest != null && key.equals(newest.key()) && newest.format().equals(format)) {
      return newest;
    }
    byte[] bytes =
        protecting.encryptsSamples()
            ? InitWriter.write(format, declaredBitrateBps, new Lock(protecting.scheme(), key))
            : clear.bytes();
    InitSegment next = initSegment(format, bytes, key);
    listener.init(next);
    return next;
  }

  private InitSegment initSegment(TrackFormat format, byte[] bytes, @Nullable ContentKey key) {
    InitSegment next = null;
    for (InitSegment known : inits) {
      if (Arrays.equals(known.bytes(), bytes) && Objects.equals(known.key(), key)) {
        next = new InitSegment(known.number(), format, known.bytes(), key);
        inits.remove(known);
        break;
      }
    }
    if (next == null) {
      next = new InitSegment(initCount++, format, bytes, key);
    }
    remember(next);
    return next;
  }

  private void remember(InitSegment newest) {
    inits.addFirst(newest);
    if (inits.size() > MAX_INITS) {
      inits.removeLast();
    }
  }

  /** A boundary that has been already begins a replay: what follows it has been, too. */
  private void boundary(Boundary boundary) {
    replayed = last != null && boundary.sequence() <= last.sequence();
    if (replayed) {
      return;
    }
    if (last != null && boundary.startTicks() < last.startTicks()) {
      throw new IllegalStateException("boundary goes back: " + boundary + " after " + last);
    }
    last = boundary;
    listener.boundary(boundary);
    arrive(boundary);
  }

  private void sample(Sample sample) {
    if (!carries(sample)) {
      sample.release();
    } else if (replayed || init == null) {
      drop(sample);
    } else {
      take(sample, init);
    }
  }

  final void drop(Sample sample) {
    droppedSamples++;
    sample.release();
  }

  /**
   * Starts the open interval's segment; null where that is not possible, and it is given up.
   *
   * @param startTicks where it starts in playlists
   * @param decodeTicks decoding time of its first sample
   */
  final @Nullable SegmentBuilder begin(
      Boundary boundary, InitSegment init, long startTicks, long decodeTicks) {
    InitSegment published = init;
    TrackProtection protecting = protection;
    if (protecting != null) {
      try {
        published = locked(protecting, boundary, init);
      } catch (MediaFormatException e) {
        giveUp(reason(e));
        return null;
      }
      if (published == null) {
        giveUp("no content key yet");
        return null;
      }
    }
    boolean encrypts = protecting != null && protecting.encryptsSamples();
    PartGrid grid = PartGrid.of(boundary, init.timescale());
    SegmentBuilder started =
        new SegmentBuilder(
            boundary,
            init,
            published,
            encrypts ? protecting : null,
            startTicks,
            decodeTicks,
            grid,
            () -> ++fragmentCount,
            listener,
            inband);
    segment = started;
    listener.opened(new Opening(boundary, published, startTicks));
    return started;
  }

  /**
   * Where the media sealed last ends, if next to nothing is missing between it and {@code boundary}
   * and the timescale is the same; otherwise {@code otherwise}. Joining over a hole, as pictures
   * leave that were not encoded, would tell players that the segment starts with the hole.
   */
  final long continued(Boundary boundary, InitSegment next, long otherwise) {
    SealedEnd end = sealed;
    return end != null
            && end.sequence == boundary.sequence() - 1
            && end.timescale.equals(next.timescale())
            && boundary.partTicks() > 0
            && end.timescale.rescale(otherwise - end.decodeTicks, Timescale.VIDEO) <= MAX_HOLE_TICKS
        ? end.decodeTicks
        : otherwise;
  }

  /** Puts the sample into the segment, or gives the segment up where it would grow over a limit. */
  final void add(SegmentBuilder target, Sample sample, long decodeTicks) {
    if (Math.abs(sample.ptsTicks() - decodeTicks) > Integer.MAX_VALUE / 2) {
      drop(sample);
      throw MediaFormatException.malformed("composition offset out of range");
    }
    String reason = overLimit(target, decodeTicks, sample.sizeBytes());
    if (reason != null) {
      drop(sample);
      giveUp(target, reason);
      return;
    }
    try {
      target.add(sample, decodeTicks);
    } catch (MediaFormatException e) {
      drop(sample); // what was before it cannot be encrypted
      giveUp(target, reason(e));
    }
  }

  private void giveUp(SegmentBuilder target, String reason) {
    target.discard();
    segment = null;
    listener.givenUp(target.boundary().sequence());
    giveUp(reason);
  }

  private static String reason(MediaFormatException e) {
    return "cannot be encrypted: " + e.getMessage();
  }

  /** The open interval becomes a gap; a run of them for one reason is told once. */
  final void giveUp(String reason) {
    spoiled = true;
    if (!reason.equals(problem)) {
      problem = reason;
      listener.problem(openedSequence, reason);
    }
  }

  private @Nullable String overLimit(SegmentBuilder target, long endTicks, int moreBytes) {
    if (!fits(target, endTicks)) {
      return "no boundary for " + settings.maxSegment().toSeconds() + " s";
    }
    return target.payloadBytes() + moreBytes > settings.maxSegmentBytes()
        ? "segment larger than " + settings.maxSegmentBytes() + " bytes"
        : null;
  }

  /** True when the segment may be so long. */
  final boolean fits(SegmentBuilder target, long endTicks) {
    return endTicks - target.startTicks()
        <= SegmentSettings.ticks(settings.maxSegment(), target.init().timescale());
  }

  /** Seals the open segment, if there is one; its interval is over. */
  final void seal(long endTicks) {
    SegmentBuilder ending = segment;
    if (ending != null) {
      Segment made;
      try {
        made = ending.seal(Math.max(endTicks, ending.startTicks() + 1));
      } catch (MediaFormatException e) {
        giveUp(ending, reason(e));
        return;
      }
      sealedEndTicks = made.timescale().rescale(made.endTicks(), Timescale.VIDEO);
      sealed = new SealedEnd(made.sequence(), made.timescale(), ending.sealedEndTicks());
      segment = null;
      open = null;
      problem = null;
      listener.interval(made);
    }
  }

  /** Ends the open interval, tells what became of it and of those skipped, and opens the next. */
  final void advance(Boundary next, long endTicks) {
    seal(endTicks);
    if (openedSequence != NONE) {
      tellGaps(open, next);
    }
    open = next;
    openedSequence = next.sequence();
    spoiled = false;
  }

  /**
   * Intervals without a segment up to {@code next}: the open one, if it stayed empty, and those
   * whose boundaries never came. They share the hole evenly, from where this rendition's own media
   * ended, which after an outage is not where the other tracks' did.
   */
  private void tellGaps(@Nullable Boundary empty, Boundary next) {
    long first = empty == null ? openedSequence + 1 : openedSequence;
    long count = next.sequence() - first;
    if (count > MAX_MISSING) {
      return;
    }
    if (count == 0) {
      return;
    }
    long endedTicks = sealedEndTicks;
    if (empty != null && empty.startTicks() - endedTicks > MAX_HOLE_TICKS) {
      endedTicks = empty.startTicks();
    }
    long fromTicks = Math.min(next.startTicks(), endedTicks);
    sealedEndTicks = next.startTicks();
    long hole = next.startTicks() - fromTicks;
    Timescale timescale = init == null ? Timescale.VIDEO : init.timescale();
    for (long i = 0; i < count; i++) {
      long start = fromTicks + Timescale.scale(hole, i, count);
      long end = fromTicks + Timescale.scale(hole, i + 1, count);
      listener.interval(
          new Gap(
              first + i,
              i == 0 && empty != null && empty.discontinuity(),
              start,
              timescale,
              Timescale.VIDEO.rescale(start, timescale),
              Timescale.VIDEO.rescale(end, timescale)));
    }
  }
}
