package io.millrace.codec.ffmpeg;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;

/**
 * What a still is coded as: 4:2:0, one reference, no reordering.
 *
 * @param width as coded, even
 * @param height as coded, even
 * @param colour written into the bitstream; its range is the samples'
 * @param bitDepth 8 or 10
 * @param profile x264's name of the profile that is not exceeded; empty for other codecs
 * @param level ten times the level for H.264 and HEVC (31: level 3.1); 0 leaves it to the encoder
 * @param frames pictures in the closed GOP, at least 2
 */
public record StillSettings(
    VideoCodec codec,
    int width,
    int height,
    Rational sampleAspectRatio,
    Rational frameRate,
    Colour colour,
    int bitDepth,
    String profile,
    int level,
    int frames) {

  public StillSettings {
    if (width < 16 || height < 16 || width > 8192 || height > 8192) {
      throw new IllegalArgumentException("picture size out of range: " + width + "x" + height);
    }
    if ((width | height) % 2 != 0) {
      throw new IllegalArgumentException("4:2:0 needs even sizes: " + width + "x" + height);
    }
    if (bitDepth != 8 && bitDepth != 10) {
      throw new IllegalArgumentException("no encoder for " + bitDepth + " bits");
    }
    if (frames < 2 || frames > 600) {
      throw new IllegalArgumentException("a GOP of 2 to 600 pictures: " + frames);
    }
  }

  /** The same with another number of pictures. */
  public StillSettings withFrames(int count) {
    return new StillSettings(
        codec,
        width,
        height,
        sampleAspectRatio,
        frameRate,
        colour,
        bitDepth,
        profile,
        level,
        count);
  }
}
