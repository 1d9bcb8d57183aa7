package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10LE;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** One 4:2:0 picture of 8 or 10 bits in native memory, to be coded. Confined to one thread. */
public final class StillPicture implements AutoCloseable {
  private static final ValueLayout.OfShort SAMPLE =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final NativeAccount account;
  private final AVFrame frame;
  private final long sizeBytes;
  private boolean closed;

  private StillPicture(StillSettings settings, NativeAccount account) {
    Ffmpeg.load();
    this.account = account;
    this.frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    frame.width(settings.width()).height(settings.height()).format(pixelFormat(settings));
    frame.color_range(settings.colour().fullRange() ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG);
    int result = av_frame_get_buffer(frame, PicturePool.ALIGNMENT_BYTES);
    if (result < 0) {
      av_frame_free(frame);
      Ffmpeg.check(result, "picture of " + settings.width() + "x" + settings.height());
    }
    this.sizeBytes = PicturePool.sizeBytes(frame);
    account.addPictureBytes(sizeBytes);
  }

  static int pixelFormat(StillSettings settings) {
    return settings.bitDepth() == 8 ? AV_PIX_FMT_YUV420P : AV_PIX_FMT_YUV420P10LE;
  }

  /**
   * A decoded frame in the form that {@code settings} ask for; size, chroma and depth are
   * converted, range, matrix and transfer are taken to be the settings' already.
   *
   * @param decoded borrowed, made by {@link FfmpegVideoDecoder}
   */
  public static StillPicture of(
      DecodedFrame decoded, StillSettings settings, NativeAccount account) {
    StillPicture picture = new StillPicture(settings, account);
    try {
      AVFrame from = ((FfmpegFrame) decoded).frame();
      Scaling.once(from, picture.frame, settings.colour().fullRange());
      return picture;
    } catch (RuntimeException e) {
      picture.close();
      throw e;
    }
  }

  /**
   * A picture from sample values.
   *
   * @param planes Y, Cb and Cr row by row without gaps, in the settings' size, range and depth;
   *     borrowed
   */
  public static StillPicture of(short[][] planes, StillSettings settings, NativeAccount account) {
    StillPicture picture = new StillPicture(settings, account);
    for (int plane = 0; plane < 3; plane++) {
      int shift = plane == 0 ? 0 : 1;
      picture.write(plane, planes[plane], settings.width() >> shift, settings.height() >> shift);
    }
    return picture;
  }

  private void write(int plane, short[] samples, int width, int height) {
    int stride = frame.linesize(plane);
    MemorySegment target =
        MemorySegment.ofAddress(frame.data(plane).address()).reinterpret((long) stride * height);
    boolean deep = frame.format() == AV_PIX_FMT_YUV420P10LE;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        short value = samples[y * width + x];
        if (deep) {
          target.set(SAMPLE, (long) y * stride + 2L * x, value);
        } else {
          target.set(ValueLayout.JAVA_BYTE, (long) y * stride + x, (byte) value);
        }
      }
    }
  }

  /** Borrowed. */
  AVFrame frame() {
    return frame;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      av_frame_free(frame);
      account.addPictureBytes(-sizeBytes);
    }
  }
}
