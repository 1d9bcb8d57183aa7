package io.millrace.server.live;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;

/**
 * Puts the times of a publishing session where they belong on the stream's clock while the session
 * is on air.
 *
 * <p>A session that takes over from another one starts at its newest key frame, which is up to a
 * group of pictures old. Its pictures from there to the present are played <em>faster</em>, so that
 * they fit behind what the viewer has seen already: no picture is missing that a later one refers
 * to, and no delay is left behind. Video times are mapped piece by piece:
 *
 * <pre>
 *   session    key ─────────────────────── present ──────────►
 *   stream            onto ── (faster) ─── present + shift ──►   (one to one)
 * </pre>
 *
 * Sound is never sped up: it goes on where the stream's sound has ended.
 *
 * <p>Immutable; times in video ticks.
 */
final class InputClock {
  private final long shiftTicks;
  private final long keyTicks;
  private final long presentTicks;
  private final long ontoTicks;

  private InputClock(long shiftTicks, long keyTicks, long presentTicks, long ontoTicks) {
    this.shiftTicks = shiftTicks;
    this.keyTicks = keyTicks;
    this.presentTicks = presentTicks;
    this.ontoTicks = ontoTicks;
  }

  /** One to one, from the start. */
  static InputClock shifted(long shiftTicks) {
    return new InputClock(shiftTicks, Long.MIN_VALUE, Long.MIN_VALUE, 0);
  }

  /**
   * Faster at first.
   *
   * @param keyTicks presentation time of the first picture, in the session's time
   * @param presentTicks where one to one begins, in the session's time; behind {@code keyTicks}
   * @param shiftTicks from the session's time to the stream's, from there on
   * @param ontoTicks where the first picture belongs on the stream's clock, before {@code
   *     presentTicks + shiftTicks}
   */
  static InputClock catchingUp(long keyTicks, long presentTicks, long shiftTicks, long ontoTicks) {
    if (presentTicks <= keyTicks || ontoTicks >= presentTicks + shiftTicks) {
      throw new IllegalArgumentException("nothing to catch up with");
    }
    return new InputClock(shiftTicks, keyTicks, presentTicks, ontoTicks);
  }

  long shiftTicks() {
    return shiftTicks;
  }

  /** Where a picture of the session belongs on the stream's clock. */
  long videoTicks(long ticks) {
    if (ticks >= presentTicks) {
      return ticks + shiftTicks;
    }
    return ontoTicks
        + Timescale.scale(
            ticks - keyTicks, presentTicks + shiftTicks - ontoTicks, presentTicks - keyTicks);
  }

  /** The same sample on the stream's clock; takes {@code sample}'s reference over. */
  Sample place(Sample sample, TrackFormat format) {
    if (TrackEvent.isVideo(sample.track())) {
      long dts = videoTicks(sample.dtsTicks());
      long lasts = videoTicks(sample.dtsTicks() + sample.durationTicks()) - dts;
      return new Sample(
          sample.track(),
          dts,
          videoTicks(sample.ptsTicks()),
          lasts,
          sample.key(),
          sample.payload());
    }
    long shift = Timescale.VIDEO.rescale(shiftTicks, format.timescale());
    return new Sample(
        sample.track(),
        sample.dtsTicks() + shift,
        sample.ptsTicks() + shift,
        sample.durationTicks(),
        sample.key(),
        sample.payload());
  }
}
