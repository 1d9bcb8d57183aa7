package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV444P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ444P;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_init_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;

/** Conversions of a single frame, for which no context is kept. */
final class Scaling {
  private Scaling() {}

  /** The format without the old mark of full range in it. */
  static int plainFormat(int format) {
    return switch (format) {
      case AV_PIX_FMT_YUVJ420P -> AV_PIX_FMT_YUV420P;
      case AV_PIX_FMT_YUVJ422P -> AV_PIX_FMT_YUV422P;
      case AV_PIX_FMT_YUVJ444P -> AV_PIX_FMT_YUV444P;
      default -> format;
    };
  }

  /**
   * Fills {@code to}, whose size and format are set, from {@code from}.
   *
   * @param fullRange of both, where they are YCbCr
   */
  static void once(AVFrame from, AVFrame to, boolean fullRange) {
    SwsContext context = Ffmpeg.present(sws_alloc_context(), "sws_alloc_context");
    try {
      context.src_w(from.width()).src_h(from.height()).src_format(plainFormat(from.format()));
      context.dst_w(to.width()).dst_h(to.height()).dst_format(to.format());
      context.src_range(fullRange ? 1 : 0).dst_range(fullRange ? 1 : 0);
      context.flags(SWS_BICUBIC).threads(1);
      Ffmpeg.check(
          sws_init_context(context, (SwsFilter) null, (SwsFilter) null), "sws_init_context");
      Ffmpeg.check(
          sws_scale(
              context, from.data(), from.linesize(), 0, from.height(), to.data(), to.linesize()),
          "sws_scale");
    } finally {
      sws_freeContext(context);
    }
  }
}
