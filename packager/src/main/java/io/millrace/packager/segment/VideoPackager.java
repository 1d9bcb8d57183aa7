package io.millrace.packager.segment;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.timeline.Cadence;
import io.millrace.packager.crypt.Protection;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Video's timing. A segment's first decoding time is its boundary: within a segment, decoding times
 * are shifted by the reordering delay, so that composition offsets are signed and no edit list is
 * needed (ISO/IEC 23000-19 §7.7.3). Presentation times are untouched. The segment ends at the next
 * boundary, so segments of all renditions are equal to the tick.
 *
 * <p>A segment must start with a key frame at its boundary; without one its interval is a gap.
 * Where several encoders or tracks round one instant differently, the key frame may be off by
 * {@link #MAX_ROUNDING_TICKS}, and the segment's presentation times are moved by as much.
 *
 * <p>A part ends on its line of the {@link PartGrid}, to the tick. As long as frames keep a {@link
 * Cadence} that meets the line, the part is sealed with its last frame; otherwise when a frame
 * behind the line has come. What is late by then, after a stall or a dropped frame, is decoded
 * where the last part ended, one frame a part until it has caught up; presentation times stay true.
 *
 * <p>Boundaries are cut from the main picture. A further video track of the same publisher may lie
 * behind it in the interleave: then the boundary waits until that track has reached it, but for no
 * more than {@link #MAX_BEHIND_TICKS} of the stream's time.
 */
final class VideoPackager extends TrackPackager {
  /** 5 ms: a millisecond for each of the times that a sender rounds, and for their recovery. */
  private static final long MAX_ROUNDING_TICKS = Timescale.VIDEO.ticksPerSecond() / 200;

  /** Half a second. */
  private static final long MAX_BEHIND_TICKS = Timescale.VIDEO.ticksPerSecond() / 2;

  /** 1 ms: a frame so little before a line belongs behind it. */
  private static final long LINE_TOLERANCE_TICKS = Timescale.VIDEO.ticksPerSecond() / 1000;

  private static final long FALLBACK_FRAME_TICKS = Timescale.VIDEO.ticksPerSecond() / 30;
  private static final int MAX_WAITING = 64;

  /** Segments by whose reordering delays one is judged. */
  private static final int RECENT_SEGMENTS = 8;

  private final ArrayDeque<Boundary> waiting = new ArrayDeque<>();
  private final Cadence cadence = new Cadence();

  /** Where the last sample is decoded by the source's clock, on the open segment's. */
  private long reachedTicks;

  /** From the source's decoding times to the open segment's. */
  private long shiftTicks;

  /** From a key frame's decoding time to its boundary, of the latest segments. */
  private final ArrayDeque<Long> delays = new ArrayDeque<>();

  /** From the source's presentation times to the open segment's. */
  private long roundingTicks;

  VideoPackager(
      SegmentSettings settings,
      long declaredBitrateBps,
      @Nullable Protection protection,
      SegmentListener listener) {
    super(settings, declaredBitrateBps, protection, listener);
  }

  @Override
  boolean carries(TrackFormat format) {
    return format instanceof TrackFormat.Video;
  }

  @Override
  boolean carries(Sample sample) {
    return TrackEvent.isVideo(sample.track());
  }

  @Override
  void arrive(Boundary boundary) {
    waiting.addLast(boundary);
    for (Boundary next = waiting.peekFirst();
        next != null && !isBehind(next, boundary.startTicks());
        next = waiting.peekFirst()) {
      advanceTo(waiting.removeFirst());
    }
  }

  /** True where samples of the open segment may still come. */
  private boolean isBehind(Boundary next, long reachedTicks) {
    SegmentBuilder ending = segment;
    if (ending == null || waiting.size() > MAX_WAITING) {
      return false;
    }
    long endTicks = naturalEndTicks(ending);
    return endTicks < next.startTicks() - frameTicks(ending) / 2
        && reachedTicks - endTicks <= MAX_BEHIND_TICKS;
  }

  private void advanceTo(Boundary next) {
    SegmentBuilder ending = segment;
    long startTicks = next.startTicks();
    boolean adjacent =
        ending != null
            && next.sequence() == ending.boundary().sequence() + 1
            && fits(ending, startTicks);
    advance(
        next,
        ending == null || adjacent ? startTicks : Math.min(startTicks, naturalEndTicks(ending)));
  }

  @Override
  void take(Sample sample, InitSegment init) {
    long earlyTicks = sample.key() ? MAX_ROUNDING_TICKS : 0;
    for (Boundary next = waiting.peekFirst();
        next != null && sample.ptsTicks() >= next.startTicks() - earlyTicks;
        next = waiting.peekFirst()) {
      advanceTo(waiting.removeFirst());
    }
    Boundary opening = open;
    if (opening == null || spoiled) {
      drop(sample);
      return;
    }
    SegmentBuilder target = segment == null ? start(opening, sample, init) : segment;
    if (target == null || !target.init().is(init)) {
      drop(sample);
      return;
    }
    cadence.add(sample.dtsTicks());
    reachedTicks = sample.dtsTicks() + shiftTicks;
    if (!target.isPartEmpty() && reachedTicks >= target.lineTicks() - LINE_TOLERANCE_TICKS) {
      target.sealPart(target.lineTicks());
    }
    add(target, rounded(sample), target.decodeTicks(reachedTicks));
    if (target == segment && reachesLine(target)) {
      target.sealPart(target.lineTicks());
    }
  }

  /** True when the next frame is sure to be behind the line, and this one to end on it. */
  private boolean reachesLine(SegmentBuilder target) {
    long steadyTicks = cadence.steadyTicks();
    return steadyTicks > 0 && reachedTicks + steadyTicks == target.lineTicks();
  }

  /** Starts the segment with its key frame; null where {@code sample} cannot be that. */
  private @Nullable SegmentBuilder start(Boundary opening, Sample sample, InitSegment init) {
    long startTicks = opening.startTicks();
    long lateTicks = sample.ptsTicks() - startTicks;
    if (lateTicks < -MAX_ROUNDING_TICKS) {
      return null; // of an interval that was closed without it
    }
    if (!sample.key()) {
      giveUp("no key frame at the boundary");
      return null;
    }
    if (lateTicks > MAX_ROUNDING_TICKS) {
      giveUp("key frame behind the boundary");
      return null;
    }
    shiftTicks = reorderingDelay(startTicks - sample.dtsTicks());
    roundingTicks = -lateTicks;
    return begin(opening, init, startTicks, continued(opening, init, startTicks));
  }

  /**
   * The key frame's own, unless it is a quarter of a second longer than one of the latest: an
   * encoder takes decoding times from the pictures before, and where some of those were left out,
   * its key frame's lies before the hole. That would move the whole segment's decoding behind its
   * presentation.
   */
  private long reorderingDelay(long ticks) {
    long least = ticks;
    for (long delay : delays) {
      least = Math.min(least, delay);
    }
    delays.addLast(ticks);
    if (delays.size() > RECENT_SEGMENTS) {
      delays.removeFirst();
    }
    return ticks - least > MAX_HOLE_TICKS ? least : ticks;
  }

  /** Takes the sample and returns one whose presentation time is the segment's. */
  private Sample rounded(Sample sample) {
    return roundingTicks == 0
        ? sample
        : new Sample(
            sample.track(),
            sample.dtsTicks(),
            sample.ptsTicks() + roundingTicks,
            sample.durationTicks(),
            sample.key(),
            sample.payload());
  }

  /** An interval without a sample stays open: the next boundary tells how long it was. */
  @Override
  void finish() {
    for (Boundary next = waiting.pollFirst(); next != null; next = waiting.pollFirst()) {
      advanceTo(next);
    }
    if (segment != null) {
      seal(naturalEndTicks(segment));
    }
    cadence.restart();
    delays.clear();
  }

  @Override
  public void discard() {
    waiting.clear();
    super.discard();
  }

  private long naturalEndTicks(SegmentBuilder ending) {
    return Math.max(reachedTicks, ending.lastDecodeTicks()) + frameTicks(ending);
  }

  /** How long the last frame lasts, as far as one can tell. */
  private static long frameTicks(SegmentBuilder ending) {
    long ticks = ending.nominalTicks() > 0 ? ending.nominalTicks() : ending.lastDeltaTicks();
    if (ticks > 0) {
      return ticks;
    }
    Rational rate = ((TrackFormat.Video) ending.init().format()).frameRate();
    return rate == null
        ? FALLBACK_FRAME_TICKS
        : (long) Timescale.VIDEO.ticksPerSecond() * rate.denominator() / rate.numerator();
  }
}
