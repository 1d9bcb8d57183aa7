package io.millrace.media.timeline;

import io.millrace.media.FrameRates;
import io.millrace.media.Rational;
import org.jspecify.annotations.Nullable;

/** One video track of a {@link Timeline}. The rules are those of its essay. */
final class VideoTrack {
  final WireContinuity.Track clock = new WireContinuity.Track();
  private final int number;
  private final PlacedInstants decodings;
  private final PlacedInstants presentations;
  private final FrameGrid grid;
  private @Nullable Rational declared;
  private boolean started;
  private long lastDtsTicks;
  private long duplicates;

  /**
   * @param decodings decoding times of all video tracks
   * @param presentations presentation times of all video tracks
   */
  VideoTrack(int number, long wireTicks, PlacedInstants decodings, PlacedInstants presentations) {
    this.number = number;
    this.decodings = decodings;
    this.presentations = presentations;
    this.grid = new FrameGrid(wireTicks);
  }

  void declare(@Nullable Rational rate) {
    Rational meant = rate == null ? null : FrameRates.fromDecimal(rate.toDouble());
    if (meant == null ? declared != null : !meant.equals(declared)) {
      declared = meant;
      grid.declare(meant);
    }
  }

  @Nullable Rational rate() {
    return grid.rate();
  }

  /** Where the next sample belongs if it follows the last one directly. */
  long nextTicks() {
    return lastDtsTicks + grid.stepTicks();
  }

  long resyncs() {
    return grid.resyncs();
  }

  long duplicates() {
    return duplicates;
  }

  /** Places a sample whose times are true to the wire. */
  VideoStamp place(long decodingTicks, long presentationTicks) {
    long placed = decoding(decodingTicks);
    long dts = placed;
    if (started && placed <= lastDtsTicks) {
      dts = lastDtsTicks + 1;
      duplicates++;
    }
    started = true;
    lastDtsTicks = dts;
    return new VideoStamp(dts, presentation(presentationTicks) + (dts - placed));
  }

  private long decoding(long ticks) {
    long met = decodings.ofAnother(number, ticks);
    if (met != PlacedInstants.NONE && (!started || met > lastDtsTicks)) {
      return grid.meet(ticks, met);
    }
    long placed = grid.decoding(ticks);
    decodings.remember(number, ticks, placed);
    return placed;
  }

  private long presentation(long ticks) {
    long met = presentations.ofAnother(number, ticks);
    if (met != PlacedInstants.NONE) {
      return met;
    }
    long placed = grid.presentation(ticks);
    presentations.remember(number, ticks, placed);
    return placed;
  }
}
