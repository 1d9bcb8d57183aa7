package io.millrace.media.timeline;

import io.millrace.media.FrameRates;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import org.jspecify.annotations.Nullable;

/**
 * Turns the wire time of one publishing session into exact ticks: of {@link Timescale#VIDEO} for
 * video, of the sample rate for audio. RTMP counts milliseconds in 32 bits, MPEG-TS 90 kHz in 33.
 *
 * <h2>One zero</h2>
 *
 * The first sample of the session, of either track, is placed at {@code originTicks}, and both
 * tracks count from there, so the offset between sound and picture is what the sender made it. A
 * track that starts late but earlier in time is placed before the origin.
 *
 * <h2>One continuous clock</h2>
 *
 * Differences between successive wire times are taken modulo the wire's width, the shorter way
 * round, so the clock wraps without notice. A track is expected to go on one step after its latest
 * sample. A time more than 3 s later than that, or more than 0.5 s earlier, is a <em>jump</em>,
 * unless the other track has gone on without this one and is there already (an encoder that dropped
 * pictures for a while). After a jump, the track goes on directly after its last sample, and the
 * correction that does it is remembered. When the other track jumps, it takes the same correction:
 * of those that are newer than its own it takes the one that puts it nearest to where it is
 * expected. Until then its samples of the old clock are placed by the old correction. So a jump of
 * both keeps their offset to the tick.
 *
 * <h2>Video: a grid under rounded times</h2>
 *
 * Senders round decoding times to the wire's ticks; a player of CMAF wants frames of equal
 * duration. With a declared frame rate (SPS VUI or onMetaData) a decoding time within 1.5 ms of the
 * rate's exact grid is put on it; presentation times, which senders round on their own, likewise. A
 * dropped frame leaves its slot empty. A time a little off the grid moves the grid there (drift);
 * one far off is kept as it is, and moves the grid if the next is off as well. When a good part is
 * off, the rate is wrong or the video has none: then times are kept as they are. Without a grid,
 * times are measured against the standard rates, and one that fits a run of frames is adopted. But
 * for duplicates, no output is more than 1.5 ms (decoding) or 2.5 ms (presentation) from the wire.
 *
 * <p>Decoding times come out strictly increasing: a duplicate or a small step back gets one tick,
 * and its presentation time moves with it.
 *
 * <h2>Audio: a count</h2>
 *
 * Frames are counted in samples, without rounding, as long as the wire agrees within 3/4 of a
 * frame. When the wire is further ahead, frames are missing, and the count jumps after it, by whole
 * frames where that is what is missing. When the wire is behind, frames overlap: senders bunch
 * frames under one time, so the count goes on; but if the wire stays behind for half a second
 * (duplicated frames, a fast sample clock) or its clock jumped, the count goes back to it, at one
 * sample a frame where need be. So the two never drift apart by more than that.
 *
 * <p>A pure function of its inputs: it reads no clock. Not thread-safe; it belongs to the thread of
 * its session. It never fails, whatever the numbers.
 */
public final class Timeline {
  private final long wireTicks;
  private final long originTicks;
  private final WireContinuity continuity;
  private final WireContinuity.Track video = new WireContinuity.Track();
  private final WireContinuity.Track audio = new WireContinuity.Track();
  private final FrameGrid grid;
  private final SampleCount count = new SampleCount();
  private @Nullable Rational declared;
  private boolean videoStarted;
  private long lastDtsTicks;
  private long videoDuplicates;

  /**
   * What the input's time was like.
   *
   * @param jumps breaks of the clock that were closed; the same jump of both tracks counts once
   * @param resyncs times that the frame grid or the sample count was moved to the wire's time
   * @param duplicates samples of either track that got the smallest possible step
   */
  public record Counters(long jumps, long resyncs, long duplicates) {}

  /**
   * @param wire ticks a second on the wire; must divide {@link Timescale#VIDEO}
   * @param wireBits width of the wire's counter: 32 for RTMP, 33 for MPEG-TS
   * @param originTicks where this session's first sample is placed, in {@link Timescale#VIDEO}
   *     ticks since the stream's epoch
   */
  public Timeline(Timescale wire, int wireBits, long originTicks) {
    if (Timescale.VIDEO.ticksPerSecond() % wire.ticksPerSecond() != 0) {
      throw new IllegalArgumentException("no whole number of video ticks in a tick of " + wire);
    }
    if (wireBits < 16 || wireBits > 48) {
      throw new IllegalArgumentException("a wire clock of " + wireBits + " bits");
    }
    this.wireTicks = Timescale.VIDEO.ticksPerSecond() / wire.ticksPerSecond();
    this.originTicks = originTicks;
    this.continuity = new WireContinuity(wireTicks, wireBits);
    this.grid = new FrameGrid(wireTicks);
  }

  /**
   * Says what frame rate the sender declares, from the next video sample on. Saying the same again
   * changes nothing.
   *
   * @param rate null when unknown: it is measured
   */
  public void frameRate(@Nullable Rational rate) {
    Rational meant = rate == null ? null : FrameRates.fromDecimal(rate.toDouble());
    if (meant == null ? declared != null : !meant.equals(declared)) {
      declared = meant;
      grid.declare(meant);
    }
  }

  /** The frame rate whose grid is in use; null while times are kept as they are. */
  public @Nullable Rational frameRate() {
    return grid.rate();
  }

  /**
   * Places the next video sample.
   *
   * @param wireDts decoding time in wire ticks; only the low bits of the wire's width count, so
   *     negative values are fine
   * @param compositionOffset presentation minus decoding time in wire ticks, may be negative
   */
  public VideoStamp video(long wireDts, long compositionOffset) {
    long expected = lastDtsTicks + grid.stepTicks() - originTicks;
    long decoding = originTicks + continuity.place(video, audio, wireDts, expected);
    long placed = grid.decoding(decoding);
    long dts = placed;
    if (videoStarted && placed <= lastDtsTicks) {
      dts = lastDtsTicks + 1;
      videoDuplicates++;
    }
    videoStarted = true;
    lastDtsTicks = dts;
    long pts = grid.presentation(decoding + compositionOffset * wireTicks) + (dts - placed);
    return new VideoStamp(dts, pts);
  }

  /**
   * Places the next audio frame.
   *
   * @param wireTime in wire ticks; only the low bits of the wire's width count
   * @param sampleRate of the decoded signal in Hz; a change starts a new count
   * @param samplesPerFrame in this frame
   * @return presentation time in samples at {@code sampleRate} since the stream's epoch, strictly
   *     increasing
   */
  public long audio(long wireTime, int sampleRate, int samplesPerFrame) {
    long expected = count.nextTicks() - originTicks;
    long time = originTicks + continuity.place(audio, video, wireTime, expected);
    return count.place(time, sampleRate, samplesPerFrame, audio.corrected());
  }

  public Counters counters() {
    return new Counters(
        continuity.jumps(), grid.resyncs() + count.resyncs(), videoDuplicates + count.squeezed());
  }
}
