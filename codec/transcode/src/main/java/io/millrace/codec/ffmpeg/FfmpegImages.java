package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_PNG;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_WEBP;
import static org.bytedeco.ffmpeg.global.avcodec.av_new_packet;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_frame;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_packet;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGRA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import io.millrace.codec.CodecException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/** Image files and pixels on the heap ({@code 0xAARRGGBB}). Thread-safe; nothing native is kept. */
public final class FfmpegImages {
  private static final int MAX_SIDE_PX = 8192;
  private static final long MAX_PIXELS = 36L << 20;

  /** What is kept of an image: no stream shows more. */
  private static final int KEPT_SIDE_PX = 3840;

  private static final ValueLayout.OfInt PIXEL =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Pixels, row by row from the top left. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  public record Pixels(int width, int height, int[] argb) {}

  private FfmpegImages() {}

  /**
   * Decodes a PNG, JPEG or WebP file. An image with a side above 3840 pixels is scaled down to
   * that.
   *
   * @throws CodecException when it is none of these, damaged, or above 8192 pixels a side or 36 Mi
   *     pixels
   */
  public static Pixels decode(byte[] file) {
    Ffmpeg.load();
    AVCodec codec = Ffmpeg.present(avcodec_find_decoder(codecId(file)), "no image decoder");
    AVCodecContext context =
        Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    AVPacket packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
    AVFrame frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    try {
      context.thread_count(1);
      context.max_pixels(MAX_PIXELS);
      Ffmpeg.check(avcodec_open2(context, codec, (AVDictionary) null), "image decoder");
      Ffmpeg.check(av_new_packet(packet, file.length), "av_new_packet");
      packet.data().capacity(file.length).put(file);
      Ffmpeg.check(avcodec_send_packet(context, packet), "image");
      Ffmpeg.check(avcodec_send_packet(context, null), "image");
      Ffmpeg.check(avcodec_receive_frame(context, frame), "image");
      return toPixels(frame);
    } finally {
      av_frame_free(frame);
      av_packet_free(packet);
      avcodec_free_context(context);
    }
  }

  private static int codecId(byte[] file) {
    if (startsWith(file, 0, 0x89, 'P', 'N', 'G')) {
      return AV_CODEC_ID_PNG;
    }
    if (startsWith(file, 0, 0xFF, 0xD8, 0xFF)) {
      return AV_CODEC_ID_MJPEG;
    }
    if (startsWith(file, 0, 'R', 'I', 'F', 'F') && startsWith(file, 8, 'W', 'E', 'B', 'P')) {
      return AV_CODEC_ID_WEBP;
    }
    throw new CodecException("not a PNG, JPEG or WebP image");
  }

  private static boolean startsWith(byte[] file, int offset, int... magic) {
    boolean same = file.length >= offset + magic.length;
    for (int i = 0; same && i < magic.length; i++) {
      same = (file[offset + i] & 0xFF) == magic[i];
    }
    return same;
  }

  private static Pixels toPixels(AVFrame decoded) {
    int width = decoded.width();
    int height = decoded.height();
    if (width > MAX_SIDE_PX || height > MAX_SIDE_PX) {
      throw new CodecException("image of " + width + "x" + height);
    }
    int longest = Math.max(width, height);
    if (longest > KEPT_SIDE_PX) {
      width = Math.max(1, Math.toIntExact((long) width * KEPT_SIDE_PX / longest));
      height = Math.max(1, Math.toIntExact((long) height * KEPT_SIDE_PX / longest));
    }
    AVFrame argb = frame(width, height);
    try {
      boolean full =
          Scaling.plainFormat(decoded.format()) != decoded.format()
              || decoded.color_range() == AVCOL_RANGE_JPEG;
      Scaling.once(decoded, argb, full);
      return new Pixels(width, height, read(argb));
    } finally {
      av_frame_free(argb);
    }
  }

  /**
   * Scales pixels.
   *
   * @param argb {@code width × height}, borrowed
   * @return a new array of {@code newWidth × newHeight}
   */
  public static int[] scale(int[] argb, int width, int height, int newWidth, int newHeight) {
    if (width == newWidth && height == newHeight) {
      return argb.clone();
    }
    Ffmpeg.load();
    AVFrame from = frame(width, height);
    AVFrame to = frame(newWidth, newHeight);
    try {
      write(argb, from);
      Scaling.once(from, to, true);
      return read(to);
    } finally {
      av_frame_free(to);
      av_frame_free(from);
    }
  }

  private static AVFrame frame(int width, int height) {
    AVFrame frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    frame.width(width).height(height).format(AV_PIX_FMT_BGRA);
    int result = av_frame_get_buffer(frame, PicturePool.ALIGNMENT_BYTES);
    if (result < 0) {
      av_frame_free(frame);
      Ffmpeg.check(result, "image of " + width + "x" + height);
    }
    return frame;
  }

  private static MemorySegment rows(AVFrame frame) {
    return MemorySegment.ofAddress(frame.data(0).address())
        .reinterpret((long) frame.linesize(0) * frame.height());
  }

  private static int[] read(AVFrame frame) {
    int width = frame.width();
    int[] argb = new int[width * frame.height()];
    for (int y = 0; y < frame.height(); y++) {
      long row = (long) y * frame.linesize(0);
      MemorySegment.copy(rows(frame), PIXEL, row, argb, y * width, width);
    }
    return argb;
  }

  private static void write(int[] argb, AVFrame frame) {
    int width = frame.width();
    for (int y = 0; y < frame.height(); y++) {
      long row = (long) y * frame.linesize(0);
      MemorySegment.copy(argb, y * width, rows(frame), PIXEL, row, width);
    }
  }
}
