package io.millrace.packager;

import io.millrace.media.TrackFormat;
import org.jspecify.annotations.Nullable;

/**
 * What a rendition is and does, for the API and the dashboard.
 *
 * @param format null until the first one has come
 * @param peakBitrateBps measured over the listed window (RFC 8216bis §4.4.6.2, BANDWIDTH); 0 before
 *     the first segment
 * @param averageBitrateBps measured over the listed window; 0 before the first segment
 * @param lastSequence media sequence number of the newest entry; -1 before the first
 * @param segments segments made so far
 * @param gaps segments missing so far
 * @param droppedSamples samples that belonged to no segment, so far
 */
public record RenditionInfo(
    RenditionSpec spec,
    Kind kind,
    @Nullable TrackFormat format,
    long peakBitrateBps,
    long averageBitrateBps,
    long lastSequence,
    long segments,
    long gaps,
    long droppedSamples) {

  /** What a rendition carries. */
  public enum Kind {
    VIDEO,
    AUDIO,
    /** Text as WebVTT files, for HLS. */
    TEXT,
    /** The same text in CMAF, for DASH. */
    TEXT_CMAF;

    public boolean isText() {
      return switch (this) {
        case VIDEO, AUDIO -> false;
        case TEXT, TEXT_CMAF -> true;
      };
    }
  }

  public String name() {
    return spec.name();
  }
}
