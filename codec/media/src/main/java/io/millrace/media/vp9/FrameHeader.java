package io.millrace.media.vp9;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The start of a key frame's uncompressed_header() (VP9 specification §6.2).
 *
 * <pre>
 *  2 frame_marker 2 | 1 profile low bit | 1 profile high bit [profile 3: 1 zero] | 1 show_existing_frame 0
 *  1 frame_type 0 | 1 show_frame | 1 error_resilient_mode | 24 frame_sync_code 0x498342
 *  color_config: [profile 2, 3: 1 ten_or_twelve_bit] | 3 color_space
 *    not RGB:  1 color_range [profile 1, 3: 1 subsampling_x | 1 subsampling_y | 1 zero]
 *    RGB:      [profile 1, 3: 1 zero]
 * 16 frame_width − 1 | 16 frame_height − 1
 * </pre>
 *
 * @param profile 0–3
 * @param bitDepth 8, 10 or 12
 * @param subsamplingX chroma has half the width
 * @param subsamplingY chroma has half the height
 * @param matrix matrix coefficients (ITU-T H.273 §8.3) that color_space means; all that it says
 * @param fullRange color_range
 * @param width in pixels
 * @param height in pixels
 */
public record FrameHeader(
    int profile,
    int bitDepth,
    boolean subsamplingX,
    boolean subsamplingY,
    int matrix,
    boolean fullRange,
    int width,
    int height) {
  private static final String STRUCTURE = "VP9 frame header";
  private static final int MAXIMUM_SIZE_BYTES = 16;
  private static final int FRAME_MARKER = 2;
  private static final int SYNC_CODE = 0x498342;
  private static final int RGB = 7;

  /** Table of color_space, §7.2.2: unspecified, BT.601, BT.709, SMPTE 170, 240, BT.2020, –, RGB. */
  private static final int[] MATRICES = {2, 5, 1, 6, 7, 9, 2, 0};

  /**
   * True when the frame, or the first one of a superframe, is a key frame.
   *
   * @param frame borrowed; its indices stay
   * @throws MediaFormatException malformed
   */
  public static boolean isKeyFrame(ByteBuf frame) {
    BitReader in = reader(frame);
    profile(in);
    return isKeyFrame(in);
  }

  /**
   * The header of a key frame; null for another frame.
   *
   * @param frame a frame or superframe; borrowed; its indices stay
   * @throws MediaFormatException malformed
   */
  public static @Nullable FrameHeader ofKeyFrame(ByteBuf frame) {
    BitReader in = reader(frame);
    int profile = profile(in);
    if (!isKeyFrame(in)) {
      return null;
    }
    in.skip(2); // show_frame, error_resilient_mode
    if (in.bits(24) != SYNC_CODE) {
      throw in.malformed("no frame_sync_code");
    }
    int bitDepth = profile < 2 ? 8 : in.flag() ? 12 : 10;
    boolean oddProfile = (profile & 1) != 0;
    int colourSpace = in.bits(3);
    boolean fullRange = true;
    boolean x = false;
    boolean y = false;
    if (colourSpace != RGB) {
      fullRange = in.flag();
      x = !oddProfile || in.flag();
      y = !oddProfile || in.flag();
    } else if (!oddProfile) {
      throw in.malformed("RGB in profile " + profile);
    }
    if (oddProfile && in.flag()) {
      throw in.malformed("reserved bit in color_config");
    }
    int width = 1 + in.bits(16);
    int height = 1 + in.bits(16);
    return new FrameHeader(
        profile, bitDepth, x, y, MATRICES[colourSpace], fullRange, width, height);
  }

  private static BitReader reader(ByteBuf frame) {
    byte[] start = new byte[Math.min(frame.readableBytes(), MAXIMUM_SIZE_BYTES)];
    frame.getBytes(frame.readerIndex(), start);
    return new BitReader(STRUCTURE, start);
  }

  private static int profile(BitReader in) {
    if (in.bits(2) != FRAME_MARKER) {
      throw in.malformed("no frame_marker");
    }
    int profile = in.bits(1) + 2 * in.bits(1);
    if (profile == 3 && in.flag()) {
      throw in.malformed("reserved profile");
    }
    return profile;
  }

  private static boolean isKeyFrame(BitReader in) {
    boolean showExisting = in.flag();
    return !showExisting && !in.flag(); // frame_type
  }
}
