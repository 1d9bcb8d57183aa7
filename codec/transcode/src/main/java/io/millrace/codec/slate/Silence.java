package io.millrace.codec.slate;

import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.netty.buffer.Unpooled;

/**
 * One access unit of silence that is valid under a track's own configuration, to be repeated for
 * ever: no format change is needed before or after it. Plain heap memory, immutable.
 *
 * @param format the source's own
 * @param accessUnit in the form of {@link TrackEvent.Sample}; lasts {@code
 *     format.samplesPerFrame()} samples; not to be modified
 */
@SuppressWarnings("ArrayRecordComponent") // compared by identity, never by content
public record Silence(TrackFormat.Audio format, byte[] accessUnit) {

  /**
   * Silence for a track.
   *
   * @throws io.millrace.codec.CodecException where there is none in this format, with the reason
   */
  public static Silence of(TrackFormat.Audio format) {
    return new Silence(format, SilentFrames.of(format));
  }

  /**
   * Access unit {@code index} of the repetition that starts at {@code startTicks}.
   *
   * @return owned by the caller
   */
  public TrackEvent.Sample sample(int track, long startTicks, long index) {
    long ticks = startTicks + index * format.samplesPerFrame();
    return new TrackEvent.Sample(
        track, ticks, ticks, format.samplesPerFrame(), true, Unpooled.wrappedBuffer(accessUnit));
  }
}
