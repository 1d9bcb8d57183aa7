package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_init_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.jspecify.annotations.Nullable;

/**
 * Scales frames in high dynamic range to one size in 10 bits, and maps them: so a table is looked
 * up for the pixels of the rung, not for those of the source. Confined to the decoding thread.
 */
final class ToneMapper implements AutoCloseable {
  private final ToneMap map;
  private final int width;
  private final int height;
  private final NativeAccount account;
  private @Nullable SwsContext context;
  private @Nullable AVFrame scaled;
  private @Nullable Input input;

  /** What the context was made for. */
  private record Input(int width, int height, int format, boolean fullRange) {}

  ToneMapper(ToneMap map, int width, int height, NativeAccount account) {
    this.map = map;
    this.width = width;
    this.height = height;
    this.account = account;
  }

  /**
   * Converts one frame.
   *
   * @param frame borrowed
   * @param fullRange as its track says
   * @param to of this mapper's size; written
   */
  void convert(AVFrame frame, boolean fullRange, Picture to) {
    Input wanted =
        new Input(
            frame.width(),
            frame.height(),
            Scaling.plainFormat(frame.format()),
            fullRange || frame.color_range() == AVCOL_RANGE_JPEG);
    boolean fits =
        wanted.format == AV_PIX_FMT_YUV420P10
            && !wanted.fullRange
            && wanted.width == width
            && wanted.height == height;
    map.apply(new DeepPicture(fits ? frame : scale(frame, wanted)), to);
  }

  private AVFrame scale(AVFrame frame, Input wanted) {
    AVFrame target = scaled == null ? allocate() : scaled;
    if (context == null || !wanted.equals(input)) {
      freeContext();
      context = open(wanted);
      account.handleOpened();
      input = wanted;
    }
    Ffmpeg.check(
        sws_scale(
            context,
            frame.data(),
            frame.linesize(),
            0,
            frame.height(),
            target.data(),
            target.linesize()),
        "sws_scale");
    return target;
  }

  private AVFrame allocate() {
    AVFrame frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    frame.width(width).height(height).format(AV_PIX_FMT_YUV420P10);
    int result = av_frame_get_buffer(frame, PicturePool.ALIGNMENT_BYTES);
    if (result < 0) {
      av_frame_free(frame);
      Ffmpeg.check(result, "picture of " + width + "x" + height);
    }
    account.addPictureBytes(PicturePool.sizeBytes(frame));
    scaled = frame;
    return frame;
  }

  private SwsContext open(Input from) {
    SwsContext opened = Ffmpeg.present(sws_alloc_context(), "sws_alloc_context");
    opened.src_w(from.width).src_h(from.height).src_format(from.format);
    opened.src_range(from.fullRange ? 1 : 0);
    opened.dst_w(width).dst_h(height).dst_format(AV_PIX_FMT_YUV420P10).dst_range(0);
    opened.flags(SWS_BICUBIC).threads(1);
    int result = sws_init_context(opened, (SwsFilter) null, (SwsFilter) null);
    if (result < 0) {
      sws_freeContext(opened);
      Ffmpeg.check(result, "scaler for " + from);
    }
    return opened;
  }

  private void freeContext() {
    if (context != null) {
      sws_freeContext(context);
      account.handleClosed();
      context = null;
    }
  }

  @Override
  public void close() {
    freeContext();
    if (scaled != null) {
      account.addPictureBytes(-PicturePool.sizeBytes(scaled));
      av_frame_free(scaled);
      scaled = null;
    }
  }
}
