package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_clone;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.swscale.SWS_BICUBIC;
import static org.bytedeco.ffmpeg.global.swscale.sws_alloc_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_freeContext;
import static org.bytedeco.ffmpeg.global.swscale.sws_init_context;
import static org.bytedeco.ffmpeg.global.swscale.sws_scale;

import io.millrace.codec.ColourDefaults;
import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.media.Colour;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.swscale.SwsContext;
import org.bytedeco.ffmpeg.swscale.SwsFilter;
import org.jspecify.annotations.Nullable;

/**
 * Turns decoded frames into 8-bit 4:2:0 limited-range upright pictures of one size: scales, reduces
 * depth and chroma, compresses full range, rotates. A frame that already is what is wanted is
 * passed on without a copy. Primaries, transfer and matrix stay as they are, but for RGB, which
 * gets one: {@link ColourDefaults#scaled}. High dynamic range becomes standard where a {@link
 * ToneMap} is given.
 *
 * <p>Confined to the decoding thread; pictures may be released on any.
 */
public final class PictureScaler implements AutoCloseable {
  private final int width;
  private final int height;
  private final int rotation;
  private final NativeAccount account;
  private final PicturePool pool;
  private final @Nullable PicturePool unturnedPool;
  private final @Nullable ToneMapper toneMapper;
  private @Nullable SwsContext context;
  private @Nullable ZimgScaler zimg;
  private @Nullable Input input;

  /** What the context was made for. */
  private record Input(int width, int height, int format, boolean fullRange) {
    static Input of(AVFrame frame, boolean fullRange) {
      int format = Scaling.plainFormat(frame.format());
      boolean full =
          fullRange || format != frame.format() || frame.color_range() == AVCOL_RANGE_JPEG;
      return new Input(frame.width(), frame.height(), format, full);
    }
  }

  /**
   * @param width of the upright result, even
   * @param height of the upright result, even
   * @param rotation clockwise degrees that make the frames upright: 0, 90, 180, 270
   */
  public PictureScaler(int width, int height, int rotation, NativeAccount account) {
    this(width, height, rotation, null, account);
  }

  /**
   * As the other, and maps high dynamic range to standard.
   *
   * @param tone for the source's colour; null keeps colours
   */
  public PictureScaler(
      int width, int height, int rotation, @Nullable ToneMap tone, NativeAccount account) {
    Ffmpeg.load();
    this.width = width;
    this.height = height;
    this.rotation = rotation;
    this.account = account;
    this.pool = new PicturePool(width, height, account);
    boolean sideways = rotation % 180 != 0;
    this.unturnedPool =
        rotation == 0
            ? null
            : new PicturePool(sideways ? height : width, sideways ? width : height, account);
    this.toneMapper =
        tone == null
            ? null
            : new ToneMapper(tone, sideways ? height : width, sideways ? width : height, account);
  }

  /**
   * Converts one frame.
   *
   * @param decoded borrowed, made by {@link FfmpegVideoDecoder}
   * @param colour the source track's; its range is honoured, the rest is passed on
   * @return a picture with one reference, which the caller owns
   */
  public Picture convert(DecodedFrame decoded, Colour colour) {
    AVFrame frame = ((FfmpegFrame) decoded).frame();
    Input wanted = Input.of(frame, colour.fullRange());
    Colour limited =
        toneMapper == null ? ColourDefaults.scaled(colour, frame.height()) : ToneMap.OUTPUT;
    if (unturnedPool == null) {
      return toneMapper == null && fits(wanted)
          ? share(frame, limited)
          : resized(frame, wanted, pool, width, height, limited);
    }
    boolean sideways = rotation % 180 != 0;
    Picture unturned =
        resized(
            frame,
            wanted,
            unturnedPool,
            sideways ? height : width,
            sideways ? width : height,
            limited);
    try {
      Picture upright = pool.take(limited);
      Rotation.turn(unturned, upright, rotation);
      return upright;
    } finally {
      unturned.release();
    }
  }

  private boolean fits(Input wanted) {
    return wanted.format == AV_PIX_FMT_YUV420P
        && !wanted.fullRange
        && wanted.width == width
        && wanted.height == height;
  }

  private Picture share(AVFrame frame, Colour colour) {
    return own(Ffmpeg.present(av_frame_clone(frame), "av_frame_clone"), colour);
  }

  /** A picture that frees its frame. */
  private Picture own(AVFrame frame, Colour colour) {
    long sizeBytes = PicturePool.sizeBytes(frame);
    account.addPictureBytes(sizeBytes);
    return PicturePool.wrap(
        frame,
        colour,
        () -> {
          account.addPictureBytes(-sizeBytes);
          av_frame_free(frame);
        });
  }

  /**
   * The frame in another size, by whom it takes least.
   *
   * @param pool of that size
   */
  private Picture resized(
      AVFrame frame, Input wanted, PicturePool pool, int width, int height, Colour colour) {
    if (toneMapper != null
        || !ZimgScaler.takes(wanted.format, wanted.fullRange, wanted.width, wanted.height)) {
      return fill(frame, wanted, pool.take(colour));
    }
    if (zimg == null || !wanted.equals(input)) {
      freeContext();
      zimg = new ZimgScaler(wanted.width, wanted.height, width, height);
      account.handleOpened();
      input = wanted;
    }
    return own(zimg.scale(frame), colour);
  }

  /** Takes {@code target}, and gives it back filled. */
  private Picture fill(AVFrame frame, Input wanted, Picture target) {
    if (toneMapper == null) {
      return scale(frame, wanted, target);
    }
    try {
      toneMapper.convert(frame, wanted.fullRange, target);
      return target;
    } catch (RuntimeException e) {
      target.release();
      throw e;
    }
  }

  private Picture scale(AVFrame frame, Input wanted, Picture target) {
    if (context == null || !wanted.equals(input)) {
      freeContext();
      context = open(wanted, target.width(), target.height());
      account.handleOpened();
      input = wanted;
    }
    AVFrame out = (AVFrame) target.frame();
    int rows =
        sws_scale(
            context, frame.data(), frame.linesize(), 0, frame.height(), out.data(), out.linesize());
    if (rows != target.height()) {
      target.release();
      Ffmpeg.check(Math.min(rows, -1), "sws_scale");
    }
    return target;
  }

  private static SwsContext open(Input from, int width, int height) {
    SwsContext context = Ffmpeg.present(sws_alloc_context(), "sws_alloc_context");
    context.src_w(from.width).src_h(from.height).src_format(from.format);
    context.src_range(from.fullRange ? 1 : 0);
    context.dst_w(width).dst_h(height).dst_format(AV_PIX_FMT_YUV420P).dst_range(0);
    context.flags(SWS_BICUBIC).threads(1);
    int result = sws_init_context(context, (SwsFilter) null, (SwsFilter) null);
    if (result < 0) {
      sws_freeContext(context);
      Ffmpeg.check(result, "scaler for " + from);
    }
    return context;
  }

  private void freeContext() {
    if (context != null) {
      sws_freeContext(context);
      account.handleClosed();
      context = null;
    }
    if (zimg != null) {
      zimg.close();
      account.handleClosed();
      zimg = null;
    }
  }

  @Override
  public void close() {
    freeContext();
    if (toneMapper != null) {
      toneMapper.close();
    }
    pool.close();
    if (unturnedPool != null) {
      unturnedPool.close();
    }
  }
}
