package io.millrace.server.ingest;

import io.millrace.media.Colour;
import io.millrace.media.Hdr;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.nal.DisplaySei;
import org.jspecify.annotations.Nullable;

/** Video formats with a property changed. */
final class VideoFormats {
  private VideoFormats() {}

  /**
   * The format as the SEI messages of a key frame have it shown. A picture is turned only by a
   * message of its own; high dynamic range, which some encoders describe with some key frames only,
   * stays.
   *
   * @return {@code format} itself where nothing changes
   */
  static TrackFormat.Video shown(TrackFormat.Video format, DisplaySei sei) {
    int rotation = sei.rotation().orElse(0);
    Hdr hdr = sei.hdr() != null ? sei.hdr() : format.colour().hdr();
    Colour colour = format.colour().withHdr(hdr);
    return rotation == format.rotation() && colour.equals(format.colour())
        ? format
        : copy(format, format.frameRate(), colour, rotation);
  }

  static TrackFormat.Video with(
      TrackFormat.Video format, @Nullable Rational frameRate, Colour colour) {
    return copy(format, frameRate, colour, format.rotation());
  }

  private static TrackFormat.Video copy(
      TrackFormat.Video format, @Nullable Rational frameRate, Colour colour, int rotation) {
    return new TrackFormat.Video(
        format.codec(),
        format.codecs(),
        format.configuration(),
        format.width(),
        format.height(),
        format.sampleAspectRatio(),
        frameRate,
        colour,
        rotation);
  }
}
