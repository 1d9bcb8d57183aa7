package io.millrace.codec.testsource;

import io.millrace.media.Rational;
import java.time.Instant;

/**
 * What a {@link TestSource} makes. The same settings give the same bytes.
 *
 * @param width even, in pixels
 * @param height even, in pixels
 * @param frameRate of the picture grid
 * @param variableRate true leaves every fifth picture of the grid out
 * @param gopFrames pictures from key frame to key frame
 * @param maxBFrames B-frames in a row, 0 to 4
 * @param videoBitrateBps in bits per second
 * @param channels 0 (no audio), 1 or 2
 * @param sampleRate of the audio in Hz
 * @param audioBitrateBps in bits per second
 * @param start what the burnt-in clock shows in the first picture
 */
public record TestSourceSettings(
    int width,
    int height,
    Rational frameRate,
    boolean variableRate,
    int gopFrames,
    int maxBFrames,
    long videoBitrateBps,
    int channels,
    int sampleRate,
    long audioBitrateBps,
    Instant start) {

  public TestSourceSettings {
    if (gopFrames < 1) {
      throw new IllegalArgumentException("a GOP has pictures: " + gopFrames);
    }
    if (maxBFrames < 0 || maxBFrames > 4) {
      throw new IllegalArgumentException("0 to 4 B-frames: " + maxBFrames);
    }
    if (channels < 0 || channels > 2) {
      throw new IllegalArgumentException("0, 1 or 2 channels: " + channels);
    }
  }

  /** 1280×720 at 30 fps, 2 s GOPs with 2 B-frames, 2.5 Mbit/s; AAC stereo at 48 kHz. */
  public static TestSourceSettings hd(Instant start) {
    return new TestSourceSettings(
        1280, 720, new Rational(30, 1), false, 60, 2, 2_500_000, 2, 48_000, 128_000, start);
  }

  public TestSourceSettings withSize(int newWidth, int newHeight, long bitrateBps) {
    return new TestSourceSettings(
        newWidth,
        newHeight,
        frameRate,
        variableRate,
        gopFrames,
        maxBFrames,
        bitrateBps,
        channels,
        sampleRate,
        audioBitrateBps,
        start);
  }

  public TestSourceSettings withFrameRate(Rational rate, int newGopFrames, boolean variable) {
    return new TestSourceSettings(
        width,
        height,
        rate,
        variable,
        newGopFrames,
        maxBFrames,
        videoBitrateBps,
        channels,
        sampleRate,
        audioBitrateBps,
        start);
  }

  public TestSourceSettings withMaxBFrames(int frames) {
    return new TestSourceSettings(
        width,
        height,
        frameRate,
        variableRate,
        gopFrames,
        frames,
        videoBitrateBps,
        channels,
        sampleRate,
        audioBitrateBps,
        start);
  }

  /**
   * @param newChannels 0 for no audio
   */
  public TestSourceSettings withAudio(int newChannels, int newSampleRate) {
    return new TestSourceSettings(
        width,
        height,
        frameRate,
        variableRate,
        gopFrames,
        maxBFrames,
        videoBitrateBps,
        newChannels,
        newSampleRate,
        audioBitrateBps,
        start);
  }
}
