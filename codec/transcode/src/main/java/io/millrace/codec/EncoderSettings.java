package io.millrace.codec;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;

/**
 * Everything a video encoder is opened with. Pictures are 8-bit 4:2:0, limited range, square
 * pixels. Time is in {@link io.millrace.media.Timescale#VIDEO} ticks and may be irregular.
 *
 * @param width even, in pixels
 * @param height even, in pixels
 * @param frameRate nominal; rate control starts from it, real times rule
 * @param bitrateBps target, in bits per second
 * @param preset one of the engine's, {@link Engine#knowsPreset}
 * @param keyIntervalFrames pictures from key frame to key frame, as far as that is known: rate
 *     control may spread bits over it, and an encoder that cannot do without periodic key frames
 *     inserts its own beyond it
 * @param colour what the pictures are; written into the bitstream
 * @param options what else was asked for
 * @param basePreset whose parameter sets the stream has: {@code preset} itself, but where an
 *     encoder has become faster in the middle of a stream
 */
public record EncoderSettings(
    VideoCodec codec,
    Profile profile,
    int width,
    int height,
    Rational frameRate,
    long bitrateBps,
    String preset,
    int keyIntervalFrames,
    Colour colour,
    EncoderOptions options,
    String basePreset) {

  public EncoderSettings {
    if (width < 16 || height < 16 || width > 8192 || height > 8192) {
      throw new IllegalArgumentException("picture size out of range: " + width + "x" + height);
    }
    if ((width | height) % 2 != 0) {
      throw new IllegalArgumentException("4:2:0 needs even sizes: " + width + "x" + height);
    }
    if (bitrateBps < 10_000 || bitrateBps > 100_000_000) {
      throw new IllegalArgumentException("bit rate out of 10k to 100M: " + bitrateBps);
    }
    EncoderRules.require(width + "x" + height, codec, profile, preset, options);
    EncoderRules.require(width + "x" + height, codec, profile, basePreset, options);
    if (keyIntervalFrames < 1) {
      throw new IllegalArgumentException("key interval of " + keyIntervalFrames + " pictures");
    }
    if (frameRate.toDouble() > 240) {
      throw new IllegalArgumentException("frame rate above 240: " + frameRate);
    }
  }

  /** With nothing else asked for, and the parameter sets of its own preset. */
  public EncoderSettings(
      VideoCodec codec,
      Profile profile,
      int width,
      int height,
      Rational frameRate,
      long bitrateBps,
      String preset,
      int keyIntervalFrames,
      Colour colour) {
    this(
        codec,
        profile,
        width,
        height,
        frameRate,
        bitrateBps,
        preset,
        keyIntervalFrames,
        colour,
        EncoderOptions.DEFAULT,
        preset);
  }

  /** With the parameter sets of its own preset. */
  public EncoderSettings(
      VideoCodec codec,
      Profile profile,
      int width,
      int height,
      Rational frameRate,
      long bitrateBps,
      String preset,
      int keyIntervalFrames,
      Colour colour,
      EncoderOptions options) {
    this(
        codec,
        profile,
        width,
        height,
        frameRate,
        bitrateBps,
        preset,
        keyIntervalFrames,
        colour,
        options,
        preset);
  }

  /** The same with another key interval. */
  public EncoderSettings withKeyInterval(int frames) {
    return new EncoderSettings(
        codec,
        profile,
        width,
        height,
        frameRate,
        bitrateBps,
        preset,
        frames,
        colour,
        options,
        basePreset);
  }

  /** The same so many presets faster, as far as there are any, with the parameter sets it has. */
  public EncoderSettings faster(int presets) {
    return new EncoderSettings(
        codec,
        profile,
        width,
        height,
        frameRate,
        bitrateBps,
        Presets.faster(engine(), preset, presets),
        keyIntervalFrames,
        colour,
        options,
        basePreset);
  }

  /** The same at another quality, with the parameter sets it has. */
  public EncoderSettings withCrf(int crf) {
    return new EncoderSettings(
        codec,
        profile,
        width,
        height,
        frameRate,
        bitrateBps,
        preset,
        keyIntervalFrames,
        colour,
        options.withRate(options.rate(), crf),
        basePreset);
  }

  /** The same with other options, and the preset that goes with them. */
  public EncoderSettings with(EncoderOptions other, String otherPreset) {
    return new EncoderSettings(
        codec,
        profile,
        width,
        height,
        frameRate,
        bitrateBps,
        otherPreset,
        keyIntervalFrames,
        colour,
        other,
        otherPreset);
  }

  /** The engine that they are for; never {@link Engine#AUTO}. */
  public Engine engine() {
    return options.engine().resolve(codec);
  }
}
