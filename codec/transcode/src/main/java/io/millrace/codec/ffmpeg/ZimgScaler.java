package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avfilter.av_buffersink_get_frame;
import static org.bytedeco.ffmpeg.global.avfilter.av_buffersrc_add_frame;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_get_by_name;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_alloc;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_config;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_create_filter;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_graph_free;
import static org.bytedeco.ffmpeg.global.avfilter.avfilter_link;
import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_UNSPECIFIED;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_ref;

import org.bytedeco.ffmpeg.avfilter.AVFilter;
import org.bytedeco.ffmpeg.avfilter.AVFilterContext;
import org.bytedeco.ffmpeg.avfilter.AVFilterGraph;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.avutil.AVRational;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/**
 * Scales 8-bit 4:2:0 pictures to another size with zimg, which takes a third of swscale's CPU time
 * (docs/performance.md): libavfilter's {@code zscale} between a source and a sink. The kernel is
 * swscale's bicubic one. Colours are none of its business and are not told to it, so that no mark
 * in a stream can make it convert or fail.
 *
 * <p>Confined to one thread.
 */
final class ZimgScaler implements AutoCloseable {
  /** Keys' family with b and c as swscale has them. */
  private static final String KERNEL = "filter=bicubic:param_a=0:param_b=0.6:threads=1";

  /** AV_FRAME_FLAG_INTERLACED of libavutil/frame.h. */
  private static final int INTERLACED = 1 << 3;

  private final AVFilterGraph graph;
  private final AVFilterContext source;
  private final AVFilterContext sink;

  /** Asked for once; FFmpeg may have been built without it. */
  private static final class Filters {
    private static final boolean AVAILABLE = avfilter_get_by_name("zscale") != null;
  }

  /** A source's and a result's size, all of them even. */
  ZimgScaler(int fromWidth, int fromHeight, int width, int height) {
    graph = Ffmpeg.present(avfilter_graph_alloc(), "avfilter_graph_alloc");
    try {
      graph.nb_threads(1);
      source =
          filter(
              "buffer",
              ("video_size=%dx%d:pix_fmt=%d:time_base=1/1:pixel_aspect=1/1:colorspace=%d:range=%d")
                  .formatted(
                      fromWidth,
                      fromHeight,
                      AV_PIX_FMT_YUV420P,
                      AVCOL_SPC_UNSPECIFIED,
                      AVCOL_RANGE_MPEG));
      AVFilterContext scale = filter("zscale", "w=%d:h=%d:%s".formatted(width, height, KERNEL));
      sink = filter("buffersink", null);
      Ffmpeg.check(avfilter_link(source, 0, scale, 0), "avfilter_link");
      Ffmpeg.check(avfilter_link(scale, 0, sink, 0), "avfilter_link");
      Ffmpeg.check(avfilter_graph_config(graph, null), "scaler to " + width + "x" + height);
    } catch (RuntimeException e) {
      avfilter_graph_free(graph);
      throw e;
    }
  }

  /** True for what it scales, where FFmpeg has it: limited range, even sizes. */
  static boolean takes(int format, boolean fullRange, int width, int height) {
    return format == AV_PIX_FMT_YUV420P
        && !fullRange
        && (width & 1) == 0
        && (height & 1) == 0
        && Filters.AVAILABLE;
  }

  private AVFilterContext filter(String name, @Nullable String arguments) {
    AVFilter kind = Ffmpeg.present(avfilter_get_by_name(name), name);
    AVFilterContext filter = new AVFilterContext();
    Ffmpeg.check(
        avfilter_graph_create_filter(filter, kind, name, arguments, (Pointer) null, graph), name);
    return filter;
  }

  /**
   * Scales one frame.
   *
   * @param frame borrowed, of the source's size
   * @return a frame of the result's size, which the caller owns
   */
  AVFrame scale(AVFrame frame) {
    AVFrame in = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    try {
      Ffmpeg.check(av_frame_ref(in, frame), "av_frame_ref");
      in.format(AV_PIX_FMT_YUV420P).flags(in.flags() & ~INTERLACED);
      in.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_UNSPECIFIED);
      in.color_primaries(AVCOL_PRI_UNSPECIFIED).color_trc(AVCOL_TRC_UNSPECIFIED);
      in.chroma_location(AVCHROMA_LOC_UNSPECIFIED);
      try (AVRational square = new AVRational()) {
        in.sample_aspect_ratio(square.num(1).den(1));
      }
      Ffmpeg.check(av_buffersrc_add_frame(source, in), "av_buffersrc_add_frame");
    } finally {
      av_frame_free(in);
    }
    AVFrame out = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    int result = av_buffersink_get_frame(sink, out);
    if (result < 0) {
      av_frame_free(out);
      Ffmpeg.check(result, "zscale");
    }
    return out;
  }

  @Override
  public void close() {
    avfilter_graph_free(graph);
  }
}
