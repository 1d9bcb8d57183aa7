package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.av_pix_fmt_desc_get;

import io.millrace.codec.DecodedFrame;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.bytedeco.ffmpeg.avutil.AVComponentDescriptor;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVPixFmtDescriptor;

/**
 * A decoded frame's luma on the heap, its upper 8 bits, of every {@code rowStep}-th row.
 *
 * @param rows {@code width × height} samples row by row; not to be modified
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record FrameLuma(int width, int height, byte[] rows) {
  private static final ValueLayout.OfShort DEEP =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /**
   * Copies.
   *
   * @param decoded borrowed, made by {@link FfmpegVideoDecoder}
   * @param rowStep 1 for every row
   */
  public static FrameLuma of(DecodedFrame decoded, int rowStep) {
    AVFrame frame = ((FfmpegFrame) decoded).frame();
    AVPixFmtDescriptor format =
        Ffmpeg.present(av_pix_fmt_desc_get(frame.format()), "av_pix_fmt_desc_get");
    AVComponentDescriptor luma = format.comp(0);
    int width = frame.width();
    int height = (frame.height() + rowStep - 1) / rowStep;
    byte[] rows = new byte[width * height];
    int stride = frame.linesize(luma.plane());
    MemorySegment plane =
        MemorySegment.ofAddress(frame.data(luma.plane()).address())
            .reinterpret((long) stride * frame.height());
    for (int y = 0; y < height; y++) {
      long row = (long) y * rowStep * stride + luma.offset();
      if (luma.step() == 1) {
        MemorySegment.copy(plane, ValueLayout.JAVA_BYTE, row, rows, y * width, width);
      } else {
        int down = luma.shift() + luma.depth() - 8;
        for (int x = 0; x < width; x++) {
          long at = row + (long) x * luma.step();
          rows[y * width + x] =
              luma.depth() == 8
                  ? plane.get(ValueLayout.JAVA_BYTE, at)
                  : (byte) ((plane.get(DEEP, at) & 0xFFFF) >> down);
        }
      }
    }
    return new FrameLuma(width, height, rows);
  }
}
