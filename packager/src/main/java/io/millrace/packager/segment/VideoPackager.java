package io.millrace.packager.segment;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
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
 * <p>Boundaries are cut from the main picture. A further video track of the same publisher may lie
 * behind it in the interleave: then the boundary waits until that track has reached it, but for no
 * more than {@link #MAX_BEHIND_TICKS} of the stream's time.
 */
final class VideoPackager extends TrackPackager {
  /** 5 ms: a millisecond for each of the times that a sender rounds, and for their recovery. */
  private static final long MAX_ROUNDING_TICKS = Timescale.VIDEO.ticksPerSecond() / 200;

  /** Half a second. */
  private static final long MAX_BEHIND_TICKS = Timescale.VIDEO.ticksPerSecond() / 2;

  private static final long FALLBACK_FRAME_TICKS = Timescale.VIDEO.ticksPerSecond() / 30;
  private static final int MAX_WAITING = 64;

  private final ArrayDeque<Boundary> waiting = new ArrayDeque<>();

  /** From the source's decoding times to the open segment's. */
  private long shiftTicks;

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
    long decodeTicks = sample.dtsTicks() + shiftTicks;
    if (!target.isEmpty()) {
      decodeTicks = Math.max(decodeTicks, target.lastDecodeTicks() + 1);
    }
    add(target, rounded(sample), decodeTicks);
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
    shiftTicks = startTicks - sample.dtsTicks();
    roundingTicks = -lateTicks;
    return begin(opening, init, startTicks);
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
  }

  @Override
  public void discard() {
    waiting.clear();
    super.discard();
  }

  private static long naturalEndTicks(SegmentBuilder ending) {
    return ending.lastDecodeTicks() + frameTicks(ending);
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
