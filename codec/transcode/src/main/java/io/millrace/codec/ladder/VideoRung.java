package io.millrace.codec.ladder;

import io.millrace.codec.Presets;
import io.millrace.codec.Profile;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import org.jspecify.annotations.Nullable;

/**
 * One encoded rendition as the operator wants it.
 *
 * @param name unique in its ladder, such as {@code 720p} or {@code av1-720p}
 * @param codec {@link VideoCodec#H264} or {@link VideoCodec#AV1}
 * @param heightPx the <em>short side</em> of the displayed picture, so that 720 means 1280×720 for
 *     a landscape source and 720×1280 for a portrait one
 * @param bitrateBps target in bits per second
 * @param preset an x264 preset name, or an SVT-AV1 preset number
 * @param maxFrameRate pictures above it are left out evenly; null keeps the source's rate
 */
public record VideoRung(
    String name,
    VideoCodec codec,
    int heightPx,
    long bitrateBps,
    String preset,
    Profile profile,
    @Nullable Rational maxFrameRate) {

  public VideoRung {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a rung needs a name");
    }
    if (codec != VideoCodec.H264 && codec != VideoCodec.AV1) {
      throw new IllegalArgumentException("rung " + name + ": no encoder for " + codec);
    }
    if (!Presets.isKnown(codec, preset)) {
      throw new IllegalArgumentException(
          "rung " + name + ": no preset " + preset + " for " + codec);
    }
    if (heightPx < 16 || heightPx > 8192) {
      throw new IllegalArgumentException("rung " + name + ": height out of 16 to 8192");
    }
    if (bitrateBps < 10_000 || bitrateBps > 100_000_000) {
      throw new IllegalArgumentException("rung " + name + ": bit rate out of 10k to 100M");
    }
  }

  /** A rung with the profile's own preset and the source's frame rate. */
  public static VideoRung of(
      String name, VideoCodec codec, int heightPx, long bitrateBps, Profile profile) {
    return new VideoRung(
        name, codec, heightPx, bitrateBps, defaultPreset(codec, profile), profile, null);
  }

  /**
   * The preset that fits a two-core machine in real time: x264 {@code veryfast}; SVT-AV1 11 for
   * {@link Profile#FAST}, 10 for {@link Profile#QUALITY}.
   */
  public static String defaultPreset(VideoCodec codec, Profile profile) {
    if (codec != VideoCodec.AV1) {
      return "veryfast";
    }
    return switch (profile) {
      case FAST -> "11";
      case QUALITY -> "10";
    };
  }
}
