package io.millrace.media.vp9;

import io.millrace.media.MediaFormatException;
import io.millrace.media.bits.BitReader;
import io.netty.buffer.ByteBuf;

/**
 * Where the frames of a sample stand, and how long their uncompressed headers are (VP9
 * specification §6.2, Annex B): encryption leaves those and a superframe's index in the clear.
 *
 * <p>Sizes come from earlier frames, so samples are given in decoding order. Not thread-safe.
 */
public final class Frames {
  private static final int SLOTS = 8;
  private static final int MAXIMUM_HEADER_BYTES = 512;
  private static final int SYNC_CODE = 0x498342;
  private static final int RGB = 7;
  private static final int[] FEATURE_BITS = {8, 6, 2, 0};

  /** Takes the position of one frame. */
  @FunctionalInterface
  public interface Visitor {
    /**
     * @param offset absolute index in the buffer
     * @param headerBytes of the uncompressed header; all of it where there is nothing else
     */
    void frame(int offset, int headerBytes, int sizeBytes);
  }

  private final int[] widths = new int[SLOTS];
  private final int[] heights = new int[SLOTS];
  private int width;
  private int height;

  /**
   * Shows {@code visitor} every frame of the sample, in order.
   *
   * @param sample a frame or superframe; borrowed; its indices stay
   * @throws MediaFormatException malformed
   */
  public void visit(ByteBuf sample, Visitor visitor) {
    int at = sample.readerIndex();
    int end = sample.writerIndex();
    int marker = end > at ? sample.getUnsignedByte(end - 1) : 0;
    int sizeBytes = 1 + (marker >> 3 & 3);
    int count = 1 + (marker & 7);
    int indexBytes = 2 + sizeBytes * count;
    boolean superframe =
        (marker & 0xE0) == 0xC0
            && end - at >= indexBytes
            && sample.getUnsignedByte(end - indexBytes) == marker;
    if (!superframe) {
      frame(sample, at, end - at, visitor);
      return;
    }
    int index = end - indexBytes + 1;
    int framesEnd = end - indexBytes;
    for (int i = 0; i < count; i++, index += sizeBytes) {
      long size = 0;
      for (int j = sizeBytes - 1; j >= 0; j--) {
        size = size << 8 | sample.getUnsignedByte(index + j);
      }
      if (size > framesEnd - at) {
        throw MediaFormatException.malformed(
            "VP9 superframe: frame of " + size + " bytes where " + (framesEnd - at) + " are left");
      }
      if (size > 0) {
        frame(sample, at, (int) size, visitor);
      }
      at += (int) size;
    }
  }

  private void frame(ByteBuf sample, int offset, int sizeBytes, Visitor visitor) {
    byte[] start = new byte[Math.min(sizeBytes, MAXIMUM_HEADER_BYTES)];
    sample.getBytes(offset, start);
    BitReader in = new BitReader("VP9 frame header", start);
    boolean data = header(in);
    int headerBytes = data ? start.length - (int) (in.bitsLeft() / 8) : sizeBytes;
    visitor.frame(offset, headerBytes, sizeBytes);
  }

  /** Returns false for a frame that is only shown again. */
  private boolean header(BitReader in) {
    if (in.bits(2) != 2) {
      throw in.malformed("no frame_marker");
    }
    int profile = in.bits(1) + 2 * in.bits(1);
    if (profile == 3) {
      in.skip(1);
    }
    if (in.flag()) { // show_existing_frame
      return false;
    }
    boolean key = !in.flag();
    boolean shown = in.flag();
    boolean errorResilient = in.flag();
    int refresh = 0xFF;
    if (key) {
      sync(in);
      colour(in, profile);
      size(in);
    } else {
      boolean intraOnly = !shown && in.flag();
      in.skip(errorResilient ? 0 : 2); // reset_frame_context
      if (intraOnly) {
        sync(in);
        if (profile > 0) {
          colour(in, profile);
        }
        refresh = in.bits(8);
        size(in);
      } else {
        refresh = in.bits(8);
        inter(in);
      }
    }
    in.skip(errorResilient ? 0 : 2); // refresh_frame_context, frame_parallel_decoding_mode
    in.skip(2); // frame_context_idx
    loopFilter(in);
    in.skip(8); // base_q_idx
    for (int i = 0; i < 3; i++) {
      in.skip(in.flag() ? 5 : 0);
    }
    segmentation(in);
    tiles(in);
    in.skip(16); // header_size_in_bytes
    for (int i = 0; i < SLOTS; i++) {
      if ((refresh >> i & 1) != 0) {
        widths[i] = width;
        heights[i] = height;
      }
    }
    return true;
  }

  private static void sync(BitReader in) {
    if (in.bits(24) != SYNC_CODE) {
      throw in.malformed("no frame_sync_code");
    }
  }

  private static void colour(BitReader in, int profile) {
    in.skip(profile >= 2 ? 1 : 0);
    boolean odd = (profile & 1) != 0;
    if (in.bits(3) != RGB) {
      in.skip(odd ? 4 : 1); // color_range, subsampling, reserved_zero
    } else {
      in.skip(odd ? 1 : 0);
    }
  }

  private void size(BitReader in) {
    width = 1 + in.bits(16);
    height = 1 + in.bits(16);
    renderSize(in);
  }

  private static void renderSize(BitReader in) {
    in.skip(in.flag() ? 32 : 0);
  }

  private void inter(BitReader in) {
    int[] used = new int[3];
    for (int i = 0; i < used.length; i++) {
      used[i] = in.bits(3);
      in.skip(1); // ref_frame_sign_bias
    }
    boolean found = false;
    for (int i = 0; i < used.length && !found; i++) {
      found = in.flag(); // found_ref
      if (found) {
        width = widths[used[i]];
        height = heights[used[i]];
      }
    }
    if (!found) {
      width = 1 + in.bits(16);
      height = 1 + in.bits(16);
    }
    if (width == 0) {
      throw in.malformed("refers to a frame that has not come");
    }
    renderSize(in);
    in.skip(1); // allow_high_precision_mv
    in.skip(in.flag() ? 0 : 2); // is_filter_switchable, raw_interpolation_filter
  }

  private static void loopFilter(BitReader in) {
    in.skip(6 + 3);
    boolean deltas = in.flag(); // loop_filter_delta_enabled
    if (deltas && in.flag()) { // loop_filter_delta_update
      for (int i = 0; i < 4 + 2; i++) {
        in.skip(in.flag() ? 7 : 0);
      }
    }
  }

  private static void segmentation(BitReader in) {
    if (!in.flag()) {
      return;
    }
    if (in.flag()) { // segmentation_update_map
      for (int i = 0; i < 7; i++) {
        in.skip(in.flag() ? 8 : 0);
      }
      boolean temporal = in.flag();
      for (int i = 0; temporal && i < 3; i++) {
        in.skip(in.flag() ? 8 : 0);
      }
    }
    if (in.flag()) { // segmentation_update_data
      in.skip(1);
      for (int i = 0; i < 8; i++) {
        for (int feature = 0; feature < FEATURE_BITS.length; feature++) {
          if (in.flag()) {
            in.skip(FEATURE_BITS[feature] + (feature < 2 ? 1 : 0));
          }
        }
      }
    }
  }

  /** tile_info(): as many bits as the width leaves to say. */
  private void tiles(BitReader in) {
    int blocks = Math.ceilDiv(width, 64);
    int least = 0;
    while (64 << least < blocks) {
      least++;
    }
    int most = 1;
    while (blocks >> most >= 4) {
      most++;
    }
    most--;
    for (int log2 = least; log2 < most && in.flag(); log2++) {
      // increment_tile_cols_log2
    }
    if (in.flag()) { // tile_rows_log2
      in.skip(1);
    }
  }
}
