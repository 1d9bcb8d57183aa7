package io.millrace.codec.slate;

import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * One picture as a closed GOP of about a second that can be repeated for ever: a key frame and
 * pictures that say "the same again". No pictures are reordered, so decoding times are presentation
 * times. Plain heap memory, immutable, shared by everyone.
 *
 * @param format of the same codec, size, shape and colour as the source's; its configuration record
 *     is its own, except for VP9. Stills of one source have equal formats
 * @param frameRate the source's, or 30 where that is not known
 * @param frames in decoding order, the first and only the first a key frame; at least 2
 */
public record Still(TrackFormat.Video format, Rational frameRate, List<Frame> frames) {
  /**
   * One access unit.
   *
   * @param payload in the form of {@link TrackEvent.Sample}; not to be modified
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by identity, never by content
  public record Frame(byte[] payload, boolean key) {}

  public Still {
    frames = List.copyOf(frames);
    if (frames.size() < 2) {
      throw new IllegalArgumentException("two key frames in a row: " + frames.size());
    }
  }

  /** Pictures from key frame to key frame. */
  public int gopFrames() {
    return frames.size();
  }

  /**
   * Presentation time of picture {@code index}, counted from the beginning of the repetition, whose
   * first picture is at {@code startTicks}; exact for any index.
   */
  public long ptsTicks(long startTicks, long index) {
    return startTicks
        + Timescale.scale(
            index,
            (long) Timescale.VIDEO.ticksPerSecond() * frameRate.denominator(),
            frameRate.numerator());
  }

  /**
   * Picture {@code index} of the repetition as a sample. It is a key frame where {@code index} is a
   * multiple of {@link #gopFrames}.
   *
   * @return owned by the caller
   */
  public TrackEvent.Sample sample(int track, long startTicks, long index) {
    Frame frame = frames.get((int) (index % frames.size()));
    long ticks = ptsTicks(startTicks, index);
    return new TrackEvent.Sample(
        track,
        ticks,
        ticks,
        ptsTicks(startTicks, index + 1) - ticks,
        frame.key(),
        Unpooled.wrappedBuffer(frame.payload()));
  }
}
