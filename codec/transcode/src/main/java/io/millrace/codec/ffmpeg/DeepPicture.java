package io.millrace.codec.ffmpeg;

import io.millrace.codec.Picture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** The planes of a 10-bit 4:2:0 frame, two bytes a sample in the machine's order; borrowed. */
final class DeepPicture {
  private static final int PLANES = 3;

  private final MemorySegment[] planes = new MemorySegment[PLANES];
  private final int[] strides = new int[PLANES];

  /**
   * @param frame of AV_PIX_FMT_YUV420P10
   */
  DeepPicture(AVFrame frame) {
    for (int i = 0; i < PLANES; i++) {
      int rows = i == 0 ? frame.height() : (frame.height() + 1) / 2;
      strides[i] = frame.linesize(i);
      planes[i] =
          MemorySegment.ofAddress(frame.data(i).address()).reinterpret((long) strides[i] * rows);
    }
  }

  /** Copies the first {@code row.length} samples of a row. */
  void row(int plane, int y, short[] row) {
    MemorySegment.copy(
        planes[plane],
        ValueLayout.JAVA_SHORT_UNALIGNED,
        (long) y * strides[plane],
        row,
        0,
        row.length);
  }

  /** Writes a row of an 8-bit picture. */
  static void put(Picture to, int plane, int y, byte[] row) {
    MemorySegment.copy(
        row, 0, to.plane(plane), ValueLayout.JAVA_BYTE, (long) y * to.stride(plane), row.length);
  }
}
