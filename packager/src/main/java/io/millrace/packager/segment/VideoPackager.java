package io.millrace.packager.segment;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;

/**
 * Video's timing. A segment's first decoding time is its boundary: within a segment, decoding times
 * are shifted by the reordering delay, so that composition offsets are signed and no edit list is
 * needed (ISO/IEC 23000-19 §7.7.3). Presentation times are untouched. The segment ends at the next
 * boundary, so segments of all renditions are equal to the tick.
 *
 * <p>A segment must start with a key frame; without one its interval is a gap.
 */
final class VideoPackager extends TrackPackager {
  private static final long FALLBACK_FRAME_TICKS = Timescale.VIDEO.ticksPerSecond() / 30;

  /** From the source's decoding times to the open segment's. */
  private long shiftTicks;

  VideoPackager(SegmentSettings settings, long declaredBitrateBps, SegmentListener listener) {
    super(settings, declaredBitrateBps, listener);
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
  void arrive(Opening opening) {
    SegmentBuilder ending = segment;
    long startTicks = opening.boundary().startTicks();
    boolean adjacent =
        ending != null
            && opening.boundary().sequence() == ending.boundary().sequence() + 1
            && fits(ending, startTicks);
    advance(
        opening,
        ending == null || adjacent ? startTicks : Math.min(startTicks, naturalEndTicks(ending)));
  }

  @Override
  void take(Sample sample, InitSegment init) {
    Opening opening = open;
    if (opening == null || spoiled || !opening.admits(init)) {
      drop(sample);
      return;
    }
    SegmentBuilder target = segment;
    if (target == null) {
      if (!sample.key()) {
        spoiled = true;
        drop(sample);
        return;
      }
      long startTicks = opening.boundary().startTicks();
      shiftTicks = startTicks - sample.dtsTicks();
      target = begin(opening, init, startTicks);
    } else if (!target.init().is(init)) {
      drop(sample);
      return;
    }
    long decodeTicks = sample.dtsTicks() + shiftTicks;
    if (!target.isEmpty()) {
      decodeTicks = Math.max(decodeTicks, target.lastDecodeTicks() + 1);
    }
    add(target, sample, decodeTicks);
  }

  /** An interval without a sample stays open: the next boundary tells how long it was. */
  @Override
  void finish() {
    if (segment != null) {
      seal(naturalEndTicks(segment));
    }
  }

  private static long naturalEndTicks(SegmentBuilder ending) {
    long ticks = ending.nominalTicks() > 0 ? ending.nominalTicks() : ending.lastDeltaTicks();
    return ending.lastDecodeTicks() + (ticks > 0 ? ticks : frameTicks(ending));
  }

  private static long frameTicks(SegmentBuilder ending) {
    Rational rate = ((TrackFormat.Video) ending.init().format()).frameRate();
    return rate == null
        ? FALLBACK_FRAME_TICKS
        : (long) Timescale.VIDEO.ticksPerSecond() * rate.denominator() / rate.numerator();
  }
}
