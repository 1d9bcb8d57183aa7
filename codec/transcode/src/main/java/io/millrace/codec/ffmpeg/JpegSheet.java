package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_FLAG_QSCALE;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_MJPEG;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_alloc;
import static org.bytedeco.ffmpeg.global.avcodec.av_packet_free;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_alloc_context3;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_free_context;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_open2;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_receive_packet;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_send_frame;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_JPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.FF_QP2LAMBDA;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import io.millrace.codec.CodecException;
import io.millrace.codec.DecodedFrame;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.VideoDecoder;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.netty.buffer.Unpooled;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avutil.AVDictionary;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * A JPEG image of tiles, each filled from a key picture of some track; what is not filled is black.
 * JPEG has full range BT.601 (JFIF), pictures have limited range: that is expanded here, while the
 * matrix is left as it is, which no viewer of a thumbnail will see.
 *
 * <p>Belongs to one thread.
 */
public final class JpegSheet implements AutoCloseable {
  /** Of 2 to 31, the smaller the better. */
  private static final int QUANTISER = 5;

  private static final int MAX_SIDE_PX = 8192;
  private static final byte[] LUMA = expansion(16, 219, 0);
  private static final byte[] CHROMA = expansion(128, 224, 128);

  /** Even sizes. */
  public record Size(int width, int height) {
    /** The largest in a box that shows a track's pictures upright and in their aspect. */
    public static Size within(TrackFormat.Video format, int maxWidth, int maxHeight) {
      Rational aspect = format.sampleAspectRatio();
      long square = Timescale.scale(format.width(), aspect.numerator(), aspect.denominator());
      boolean turned = format.rotation() % 180 != 0;
      long width = Math.max(1, turned ? format.height() : square);
      long height = Math.max(1, turned ? square : format.height());
      long fitted = Timescale.scale(maxHeight, width, height);
      return fitted <= maxWidth
          ? new Size(even(fitted), even(maxHeight))
          : new Size(even(maxWidth), even(Timescale.scale(maxWidth, height, width)));
    }

    private static int even(long px) {
      return Math.toIntExact(Math.max(16, px & ~1L));
    }
  }

  private final int columns;
  private final int rows;
  private final Size tile;
  private final NativeAccount account;
  private final AVFrame frame;

  /**
   * @throws IllegalArgumentException for a sheet without tiles, or larger than 8192 pixels a side
   */
  public JpegSheet(int columns, int rows, Size tile, NativeAccount account) {
    if (columns < 1
        || rows < 1
        || columns > MAX_SIDE_PX / tile.width
        || rows > MAX_SIDE_PX / tile.height) {
      throw new IllegalArgumentException("sheet of " + columns + "x" + rows + " tiles " + tile);
    }
    Ffmpeg.load();
    this.columns = columns;
    this.rows = rows;
    this.tile = tile;
    this.account = account;
    this.frame = Ffmpeg.present(av_frame_alloc(), "av_frame_alloc");
    frame.width(columns * tile.width).height(rows * tile.height).format(AV_PIX_FMT_YUVJ420P);
    frame.color_range(AVCOL_RANGE_JPEG);
    int result = av_frame_get_buffer(frame, PicturePool.ALIGNMENT_BYTES);
    if (result < 0) {
      av_frame_free(frame);
      Ffmpeg.check(result, "sheet of tiles");
    }
    for (int plane = 0; plane < 3; plane++) {
      plane(plane).fill((byte) (plane == 0 ? 0 : 128));
    }
  }

  /** What a limited range means in full range, by value. */
  private static byte[] expansion(int zero, int span, int fullZero) {
    byte[] table = new byte[256];
    for (int value = 0; value < 256; value++) {
      long full = fullZero + Timescale.scale(value - zero, 255, span);
      table[value] = (byte) Math.clamp(full, 0, 255);
    }
    return table;
  }

  private MemorySegment plane(int plane) {
    int height = plane == 0 ? frame.height() : frame.height() / 2;
    return MemorySegment.ofAddress(frame.data(plane).address())
        .reinterpret((long) frame.linesize(plane) * height);
  }

  /**
   * Fills a tile.
   *
   * @param index of the tile, row by row from the top left
   * @param accessUnit a random access point of a track, as its samples are
   * @throws CodecException when it cannot be decoded
   */
  public void place(int index, TrackFormat.Video format, byte[] accessUnit) {
    if (index < 0 || index >= columns * rows) {
      throw new IllegalArgumentException("no tile " + index);
    }
    try (VideoDecoder decoder = new FfmpegVideoDecoder(format, account);
        PictureScaler scaler =
            new PictureScaler(tile.width, tile.height, format.rotation(), account)) {
      First first = new First();
      boolean whole =
          decoder.decode(
              new TrackEvent.Sample(
                  TrackEvent.VIDEO_TRACK, 0, 0, 0, true, Unpooled.wrappedBuffer(accessUnit)),
              first);
      decoder.drain(first);
      DecodedFrame decoded = first.frame;
      if (decoded == null) {
        throw new CodecException(whole ? "no picture in the access unit" : "damaged access unit");
      }
      try {
        Picture picture = scaler.convert(decoded, format.colour());
        copy(picture, index % columns, index / columns);
        picture.release();
      } finally {
        decoded.release();
      }
    }
  }

  private static final class First implements VideoDecoder.Output {
    private @Nullable DecodedFrame frame;

    @Override
    public void frame(DecodedFrame decoded, long ptsTicks, long durationTicks) {
      if (frame == null) {
        frame = decoded;
      } else {
        decoded.release();
      }
    }
  }

  private void copy(Picture picture, int column, int row) {
    for (int plane = 0; plane < 3; plane++) {
      byte[] table = plane == 0 ? LUMA : CHROMA;
      int width = picture.planeWidth(plane);
      int height = picture.planeHeight(plane);
      MemorySegment from = picture.plane(plane);
      MemorySegment to = plane(plane);
      byte[] line = new byte[width];
      for (int y = 0; y < height; y++) {
        long source = (long) y * picture.stride(plane);
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, source, line, 0, width);
        for (int x = 0; x < width; x++) {
          line[x] = table[line[x] & 0xFF];
        }
        long target = (long) (row * height + y) * frame.linesize(plane) + (long) column * width;
        MemorySegment.copy(line, 0, to, ValueLayout.JAVA_BYTE, target, width);
      }
    }
  }

  /**
   * The image.
   *
   * @throws CodecException when the encoder is not in the bundle, or fails
   */
  public byte[] encode() {
    AVCodec codec = Ffmpeg.present(avcodec_find_encoder(AV_CODEC_ID_MJPEG), "no JPEG encoder");
    AVCodecContext context =
        Ffmpeg.present(avcodec_alloc_context3(codec), "avcodec_alloc_context3");
    AVPacket packet = Ffmpeg.present(av_packet_alloc(), "av_packet_alloc");
    try {
      context.width(frame.width()).height(frame.height()).pix_fmt(AV_PIX_FMT_YUVJ420P);
      context.color_range(AVCOL_RANGE_JPEG).thread_count(1);
      context.time_base().num(1).den(1);
      context.flags(context.flags() | AV_CODEC_FLAG_QSCALE);
      context.global_quality(QUANTISER * FF_QP2LAMBDA);
      Ffmpeg.check(avcodec_open2(context, codec, (AVDictionary) null), "JPEG encoder");
      frame.pts(0).quality(QUANTISER * FF_QP2LAMBDA);
      Ffmpeg.check(avcodec_send_frame(context, frame), "JPEG");
      Ffmpeg.check(avcodec_send_frame(context, null), "JPEG");
      Ffmpeg.check(avcodec_receive_packet(context, packet), "JPEG");
      byte[] image = new byte[packet.size()];
      packet.data().capacity(image.length).get(image);
      return image;
    } finally {
      av_packet_free(packet);
      avcodec_free_context(context);
    }
  }

  @Override
  public void close() {
    av_frame_free(frame);
  }
}
