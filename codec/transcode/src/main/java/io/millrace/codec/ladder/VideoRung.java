package io.millrace.codec.ladder;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderRules;
import io.millrace.codec.Engine;
import io.millrace.codec.Profile;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import org.jspecify.annotations.Nullable;

/**
 * One encoded rendition as the operator wants it.
 *
 * @param name unique in its ladder, such as {@code 720p} or {@code av1-720p}
 * @param heightPx the <em>short side</em> of the displayed picture, so that 720 means 1280×720 for
 *     a landscape source and 720×1280 for a portrait one
 * @param bitrateBps target in bits per second
 * @param preset one of the engine's
 * @param maxFrameRate pictures above it are left out evenly; null keeps the source's rate
 * @param options engine, rate control and the like
 */
public record VideoRung(
    String name,
    VideoCodec codec,
    int heightPx,
    long bitrateBps,
    String preset,
    Profile profile,
    @Nullable Rational maxFrameRate,
    EncoderOptions options) {

  public VideoRung {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a rung needs a name");
    }
    EncoderRules.require(name, codec, profile, preset, options);
    if (heightPx < 16 || heightPx > 8192) {
      throw new IllegalArgumentException("rung " + name + ": height out of 16 to 8192");
    }
    if (bitrateBps < 10_000 || bitrateBps > 100_000_000) {
      throw new IllegalArgumentException("rung " + name + ": bit rate out of 10k to 100M");
    }
  }

  /** A rung with nothing else asked for. */
  public VideoRung(
      String name,
      VideoCodec codec,
      int heightPx,
      long bitrateBps,
      String preset,
      Profile profile,
      @Nullable Rational maxFrameRate) {
    this(name, codec, heightPx, bitrateBps, preset, profile, maxFrameRate, EncoderOptions.DEFAULT);
  }

  /** A rung with the profile's own preset and the source's frame rate. */
  public static VideoRung of(
      String name, VideoCodec codec, int heightPx, long bitrateBps, Profile profile) {
    return new VideoRung(
        name, codec, heightPx, bitrateBps, defaultPreset(codec, profile), profile, null);
  }

  /** The preset that fits a two-core machine in real time, of the codec's own software. */
  public static String defaultPreset(VideoCodec codec, Profile profile) {
    return Engine.of(codec).usualPreset(profile);
  }

  /** What it is asked to be encoded by; never {@link Engine#AUTO}. */
  public Engine engine() {
    return options.engine().resolve(codec);
  }
}
