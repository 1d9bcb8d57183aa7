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
 * @param preset an x264 preset name or an SVT-AV1 preset number
 * @param keyIntervalFrames pictures from key frame to key frame, as far as that is known: rate
 *     control may spread bits over it, and an encoder that cannot do without periodic key frames
 *     inserts its own beyond it
 * @param colour what the pictures are; written into the bitstream
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
    Colour colour) {

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
    if (!Presets.isKnown(codec, preset)) {
      throw new IllegalArgumentException("no preset " + preset + " for " + codec);
    }
    if (keyIntervalFrames < 1) {
      throw new IllegalArgumentException("key interval of " + keyIntervalFrames + " pictures");
    }
    if (frameRate.toDouble() > 240) {
      throw new IllegalArgumentException("frame rate above 240: " + frameRate);
    }
  }

  /** The same with another key interval. */
  public EncoderSettings withKeyInterval(int frames) {
    return new EncoderSettings(
        codec, profile, width, height, frameRate, bitrateBps, preset, frames, colour);
  }
}
