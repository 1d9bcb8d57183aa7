package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_HWDEVICE_TYPE_VAAPI;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_NV12;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_VAAPI;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_buffer_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_buffer_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_make_writable;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_ref;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_unref;
import static org.bytedeco.ffmpeg.global.avutil.av_hwdevice_ctx_create;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_ctx_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_ctx_init;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_get_buffer;
import static org.bytedeco.ffmpeg.global.avutil.av_hwframe_transfer_data;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Picture;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVBufferRef;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVHWFramesContext;
import org.jspecify.annotations.Nullable;

/** Brings pictures into the form that an encoder takes. Confined to the encoder's thread. */
final class FrameInput implements AutoCloseable {
  /** Surfaces that an encoder may hold at once. */
  private static final int SURFACES = 32;

  /** The form. */
  enum Kind {
    /** Three planes, as pictures are: nothing is copied. */
    PLANAR(AV_PIX_FMT_YUV420P),
    /** NV12: Cb and Cr in turns. */
    INTERLEAVED(AV_PIX_FMT_NV12),
    /** In the memory of a GPU. */
    VAAPI(AV_PIX_FMT_VAAPI);

    private final int pixelFormat;

    Kind(int pixelFormat) {
      this.pixelFormat = pixelFormat;
    }

    int pixelFormat() {
      return pixelFormat;
    }
  }

  private final Kind kind;
  private final @Nullable AVFrame interleaved;
  private @Nullable AVBufferRef device;
  private @Nullable AVBufferRef surfaces;

  /**
   * @param node the GPU's, for {@link Kind#VAAPI}
   * @param context not yet open; told of surfaces
   */
  FrameInput(Kind kind, EncoderSettings settings, @Nullable Path node, AVCodecContext context) {
    this.kind = kind;
    context.pix_fmt(kind.pixelFormat());
    this.interleaved = kind == Kind.PLANAR ? null : allocate(settings);
    if (kind == Kind.VAAPI) {
      try {
        openSurfaces(settings, node, context);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }
  }

  private static AVFrame allocate(EncoderSettings settings) {
    AVFrame frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    frame.width(settings.width()).height(settings.height()).format(AV_PIX_FMT_NV12);
    int result = av_frame_get_buffer(frame, PicturePool.ALIGNMENT_BYTES);
    if (result < 0) {
      av_frame_free(frame);
      Ffmpeg.check(result, "av_frame_get_buffer");
    }
    return frame;
  }

  private void openSurfaces(EncoderSettings settings, @Nullable Path node, AVCodecContext context) {
    AVBufferRef opened = new AVBufferRef(null);
    Ffmpeg.check(
        av_hwdevice_ctx_create(
            opened,
            AV_HWDEVICE_TYPE_VAAPI,
            node == null ? null : node.toString(),
            (AVDictionary) null,
            0),
        "vaapi cannot open " + node);
    device = opened;
    AVBufferRef frames = Ffmpeg.present(av_hwframe_ctx_alloc(opened), "av_hwframe_ctx_alloc");
    surfaces = frames;
    AVHWFramesContext pool = new AVHWFramesContext(frames.data());
    pool.format(AV_PIX_FMT_VAAPI).sw_format(AV_PIX_FMT_NV12);
    pool.width(settings.width()).height(settings.height()).initial_pool_size(SURFACES);
    Ffmpeg.check(av_hwframe_ctx_init(frames), "vaapi has no surfaces for " + settings);
    context.hw_frames_ctx(av_buffer_ref(frames));
  }

  /**
   * Refers {@code shell} to the picture in the encoder's form.
   *
   * @param picture borrowed
   * @param shell empty; the caller unreferences it
   */
  void load(Picture picture, AVFrame shell) {
    if (interleaved == null) {
      Ffmpeg.check(av_frame_ref(shell, (AVFrame) picture.frame()), "av_frame_ref");
      return;
    }
    // An encoder may still hold the last one.
    Ffmpeg.check(av_frame_make_writable(interleaved), "av_frame_make_writable");
    interleave(picture, interleaved);
    if (kind == Kind.INTERLEAVED) {
      Ffmpeg.check(av_frame_ref(shell, interleaved), "av_frame_ref");
      return;
    }
    Ffmpeg.check(av_hwframe_get_buffer(surfaces, shell, 0), "vaapi has no free surface");
    int result = av_hwframe_transfer_data(shell, interleaved, 0);
    if (result < 0) {
      av_frame_unref(shell);
      Ffmpeg.check(result, "vaapi takes no picture");
    }
  }

  /** Copies a picture into an NV12 frame of its size. */
  static void interleave(Picture from, AVFrame to) {
    MemorySegment luma = segment(to, 0, from.planeHeight(0));
    for (int y = 0; y < from.planeHeight(0); y++) {
      MemorySegment.copy(
          from.plane(0),
          (long) y * from.stride(0),
          luma,
          (long) y * to.linesize(0),
          from.planeWidth(0));
    }
    int width = from.planeWidth(1);
    byte[] cb = new byte[width];
    byte[] cr = new byte[width];
    byte[] both = new byte[2 * width];
    MemorySegment chroma = segment(to, 1, from.planeHeight(1));
    for (int y = 0; y < from.planeHeight(1); y++) {
      read(from, 1, y, cb);
      read(from, 2, y, cr);
      for (int x = 0; x < width; x++) {
        both[2 * x] = cb[x];
        both[2 * x + 1] = cr[x];
      }
      MemorySegment.copy(
          both, 0, chroma, ValueLayout.JAVA_BYTE, (long) y * to.linesize(1), both.length);
    }
  }

  private static void read(Picture from, int plane, int y, byte[] row) {
    MemorySegment.copy(
        from.plane(plane),
        ValueLayout.JAVA_BYTE,
        (long) y * from.stride(plane),
        row,
        0,
        row.length);
  }

  private static MemorySegment segment(AVFrame frame, int plane, int rows) {
    return MemorySegment.ofAddress(frame.data(plane).address())
        .reinterpret((long) frame.linesize(plane) * rows);
  }

  @Override
  public void close() {
    if (interleaved != null) {
      av_frame_free(interleaved);
    }
    if (surfaces != null) {
      av_buffer_unref(surfaces);
      surfaces = null;
    }
    if (device != null) {
      av_buffer_unref(device);
      device = null;
    }
  }
}
