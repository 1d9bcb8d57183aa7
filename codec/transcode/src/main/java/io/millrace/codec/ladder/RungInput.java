package io.millrace.codec.ladder;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Picture;
import io.millrace.media.TrackEvent;
import io.millrace.media.caption.CaptionData;
import org.jspecify.annotations.Nullable;

/** What the decoding thread hands to a rung's thread. Only {@link Frame} owns memory. */
sealed interface RungInput {
  /**
   * A picture to encode.
   *
   * @param picture one reference, owned by whoever holds this
   * @param boundary the segment that starts with this picture, or null
   * @param captions closed captions that go with it, as {@link CaptionData} has them, or null
   */
  @SuppressWarnings("ArrayRecordComponent") // shared, never compared
  record Frame(
      Picture picture,
      long ptsTicks,
      long durationTicks,
      TrackEvent.@Nullable Boundary boundary,
      byte @Nullable [] captions)
      implements RungInput {

    /** Without captions. */
    Frame(
        Picture picture,
        long ptsTicks,
        long durationTicks,
        TrackEvent.@Nullable Boundary boundary) {
      this(picture, ptsTicks, durationTicks, boundary, null);
    }

    /** The same picture behind those whose captions it takes along. */
    Frame after(byte @Nullable [] earlierCaptions) {
      return earlierCaptions == null
          ? this
          : new Frame(
              picture,
              ptsTicks,
              durationTicks,
              boundary,
              CaptionData.join(earlierCaptions, captions));
    }
  }

  /** A segment of which this rung gets no picture. */
  record EmptySegment(TrackEvent.Boundary boundary) implements RungInput {}

  /** How pictures from here on are encoded. */
  record Configure(EncoderSettings settings) implements RungInput {}

  /** So many presets faster than its own, from the next picture on, which starts a segment. */
  record Faster(int presets) implements RungInput {}

  /** No pictures come until it is wanted again: the encoder goes, with all that it takes. */
  record Pause() implements RungInput {}

  /** Nothing before it predicts what follows. */
  record Break(TrackEvent.Discontinuity event) implements RungInput {}

  /** The rung is not wanted any more: nothing comes behind it. */
  record Leave(TrackEvent.End event) implements RungInput {}

  /** The source is gone; more may come. */
  record Finish(TrackEvent.End event) implements RungInput {}
}
