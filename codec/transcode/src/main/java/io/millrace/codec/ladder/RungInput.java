package io.millrace.codec.ladder;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Picture;
import io.millrace.media.TrackEvent;
import org.jspecify.annotations.Nullable;

/** What the decoding thread hands to a rung's thread. Only {@link Frame} owns memory. */
sealed interface RungInput {
  /**
   * A picture to encode.
   *
   * @param picture one reference, owned by whoever holds this
   * @param boundary the segment that starts with this picture, or null
   */
  record Frame(
      Picture picture, long ptsTicks, long durationTicks, TrackEvent.@Nullable Boundary boundary)
      implements RungInput {}

  /** A segment of which this rung gets no picture. */
  record EmptySegment(TrackEvent.Boundary boundary) implements RungInput {}

  /** How pictures from here on are encoded. */
  record Configure(EncoderSettings settings) implements RungInput {}

  /** Nothing before it predicts what follows. */
  record Break(TrackEvent.Discontinuity event) implements RungInput {}

  /** The source is gone; more may come. */
  record Finish(TrackEvent.End event) implements RungInput {}
}
