package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_is_writable;

import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.media.Colour;
import java.util.ArrayDeque;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Pictures of one size that are used again. Bounded by its users: it never holds more than were in
 * use at one time. {@link #take} belongs to one thread; pictures may come back on any.
 */
public final class PicturePool implements AutoCloseable {
  /** Enough for every SIMD width that swscale, x264 and SVT-AV1 use. */
  static final int ALIGNMENT_BYTES = 64;

  private final int width;
  private final int height;
  private final NativeAccount account;
  private final ArrayDeque<AVFrame> idle = new ArrayDeque<>();
  private boolean closed;

  public PicturePool(int width, int height, NativeAccount account) {
    Ffmpeg.load();
    this.width = width;
    this.height = height;
    this.account = account;
  }

  /** Returns a picture with one reference and undefined content, which the caller owns. */
  public Picture take(Colour colour) {
    AVFrame idleFrame = takeIdle();
    AVFrame frame = idleFrame != null ? idleFrame : allocate();
    return wrap(frame, colour, () -> giveBack(frame));
  }

  /** A picture over a frame's planes; {@code home} gets the frame back. */
  static Picture wrap(AVFrame frame, Colour colour, Picture.Home home) {
    long[] planes = new long[3];
    int[] strides = new int[3];
    for (int i = 0; i < 3; i++) {
      planes[i] = frame.data(i).address();
      strides[i] = frame.linesize(i);
    }
    return new Picture(frame.width(), frame.height(), planes, strides, colour, frame, home);
  }

  static long sizeBytes(AVFrame frame) {
    long rows = 2L * ((frame.height() + 1) / 2);
    long chromaStride = (long) frame.linesize(1) + frame.linesize(2);
    return frame.linesize(0) * rows + chromaStride * rows / 2;
  }

  private synchronized @Nullable AVFrame takeIdle() {
    return idle.pollFirst();
  }

  private AVFrame allocate() {
    AVFrame frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    frame.width(width).height(height).format(AV_PIX_FMT_YUV420P);
    int result = av_frame_get_buffer(frame, ALIGNMENT_BYTES);
    if (result < 0) {
      av_frame_free(frame);
      Ffmpeg.check(result, "picture of " + width + "x" + height);
    }
    account.addPictureBytes(sizeBytes(frame));
    return frame;
  }

  private void giveBack(AVFrame frame) {
    synchronized (this) {
      // An encoder that still holds the buffer keeps it; the pool must not write into it.
      if (!closed && av_frame_is_writable(frame) != 0) {
        idle.addFirst(frame);
        return;
      }
    }
    free(frame);
  }

  private void free(AVFrame frame) {
    account.addPictureBytes(-sizeBytes(frame));
    av_frame_free(frame);
  }

  /** Frees what is idle; pictures in use are freed when they come back. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    for (AVFrame frame = takeIdle(); frame != null; frame = takeIdle()) {
      free(frame);
    }
  }
}
