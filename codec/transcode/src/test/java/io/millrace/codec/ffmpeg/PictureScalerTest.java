package io.millrace.codec.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV420P10LE;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV422P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUV444P;
import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_YUVJ420P;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import io.millrace.codec.Luma;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.media.Colour;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PictureScalerTest {
  private static final Colour LIMITED = new Colour(1, 1, 1, false);
  private static final Colour FULL = new Colour(1, 1, 1, true);

  private final NativeAccount account = new NativeAccount();

  @AfterEach
  void nothingIsLeft() {
    assertThat(account.handles()).isZero();
    assertThat(account.pictureBytes()).isZero();
  }

  @Test
  void aFrameThatFitsIsSharedNotCopied() {
    FfmpegFrame frame = frame(64, 48, AV_PIX_FMT_YUV420P, 100);
    try (PictureScaler scaler = new PictureScaler(64, 48, 0, account)) {
      Picture picture = scaler.convert(frame, LIMITED);
      assertThat(picture.planeAddress(0)).isEqualTo(frame.frame().data(0).address());
      assertThat(account.pictureBytes()).isPositive();
      frame.release();
      assertThat(Luma.of(picture).at(5, 5)).isEqualTo(100);
      picture.release();
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 16", "255, 235", "128, 126"})
  void fullRangeBecomesLimitedAtTheSameSizeToo(int full, int limited) {
    FfmpegFrame byFormat = frame(64, 48, AV_PIX_FMT_YUVJ420P, full);
    FfmpegFrame byTrack = frame(64, 48, AV_PIX_FMT_YUV420P, full);
    try (PictureScaler scaler = new PictureScaler(64, 48, 0, account)) {
      Picture first = scaler.convert(byFormat, LIMITED);
      Picture second = scaler.convert(byTrack, FULL);
      assertThat(Luma.of(first).at(30, 20)).isCloseTo(limited, within(1));
      assertThat(Luma.of(second).at(30, 20)).isCloseTo(limited, within(1));
      assertThat(second.colour()).isEqualTo(LIMITED);
      first.release();
      second.release();
    }
    byFormat.release();
    byTrack.release();
  }

  @Test
  void otherChromaFormatsAndDepthsBecomeEightBit420() {
    for (int format : new int[] {AV_PIX_FMT_YUV422P, AV_PIX_FMT_YUV444P}) {
      FfmpegFrame frame = frame(64, 48, format, 90);
      checkLuma(frame, 90);
    }
    FfmpegFrame tenBit = frame(64, 48, AV_PIX_FMT_YUV420P10LE, 0);
    BytePointer luma = tenBit.frame().data(0);
    luma.capacity((long) tenBit.frame().linesize(0) * 48);
    for (long i = 0; i < luma.capacity(); i += 2) {
      luma.put(i, (byte) (400 & 0xFF)).put(i + 1, (byte) (400 >> 8));
    }
    checkLuma(tenBit, 100);
  }

  private void checkLuma(FfmpegFrame frame, int expected) {
    try (PictureScaler scaler = new PictureScaler(64, 48, 0, account)) {
      Picture picture = scaler.convert(frame, LIMITED);
      assertThat(Luma.of(picture).at(30, 20)).isCloseTo(expected, within(1));
      picture.release();
    }
    frame.release();
  }

  /** The source's top left quarter is bright; it must end up where a turn takes it. */
  @ParameterizedTest
  @CsvSource({"90, 48, 64, 40, 5", "180, 64, 48, 55, 40", "270, 48, 64, 5, 55"})
  void turnsUpright(int rotation, int width, int height, int brightX, int brightY) {
    FfmpegFrame frame = frame(64, 48, AV_PIX_FMT_YUV420P, 50);
    int stride = frame.frame().linesize(0);
    BytePointer luma = frame.frame().data(0).capacity((long) stride * 48);
    for (int y = 0; y < 24; y++) {
      for (int x = 0; x < 32; x++) {
        luma.put((long) y * stride + x, (byte) 200);
      }
    }
    try (PictureScaler scaler = new PictureScaler(width, height, rotation, account)) {
      Picture picture = scaler.convert(frame, LIMITED);
      Luma turned = Luma.of(picture);
      for (int y = 5; y < height; y += height / 2) {
        for (int x = 5; x < width; x += width / 2) {
          boolean bright =
              x / (width / 2) == brightX / (width / 2)
                  && y / (height / 2) == brightY / (height / 2);
          assertThat(turned.at(x, y)).as(x + "," + y).isCloseTo(bright ? 200 : 50, within(2));
        }
      }
      picture.release();
    }
    frame.release();
  }

  @Test
  void sizesOfTheSourceMayChange() {
    try (PictureScaler scaler = new PictureScaler(32, 32, 0, account)) {
      for (int size : new int[] {64, 33, 32, 101}) {
        FfmpegFrame frame = frame(size, size, AV_PIX_FMT_YUV420P, size);
        Picture picture = scaler.convert(frame, LIMITED);
        frame.release();
        assertThat(picture.width()).isEqualTo(32);
        assertThat(Luma.of(picture).at(16, 16)).isCloseTo(size, within(1));
        picture.release();
      }
    }
  }

  /** What zimg scales is what swscale would have made, and lies where it lay. */
  @Test
  void aScaledPictureIsSwscalesToAShade() {
    FfmpegFrame frame = frame(128, 96, AV_PIX_FMT_YUV420P, 0);
    int stride = frame.frame().linesize(0);
    BytePointer luma = frame.frame().data(0).capacity((long) stride * 96);
    for (int y = 0; y < 96; y++) {
      for (int x = 0; x < 128; x++) {
        luma.put((long) y * stride + x, (byte) (120 + 60 * Math.sin(x / 5.0) * Math.cos(y / 7.0)));
      }
    }
    AVFrame expected = av_frame_alloc();
    expected.width(80).height(60).format(AV_PIX_FMT_YUV420P);
    assertThat(av_frame_get_buffer(expected, 64)).isZero();
    Scaling.once(frame.frame(), expected, false);
    BytePointer wanted = expected.data(0).capacity((long) expected.linesize(0) * 60);
    try (PictureScaler scaler = new PictureScaler(80, 60, 0, account)) {
      Picture picture = scaler.convert(frame, LIMITED);
      Luma scaled = Luma.of(picture);
      for (int y = 0; y < 60; y++) {
        for (int x = 0; x < 80; x++) {
          int shade = wanted.get((long) y * expected.linesize(0) + x) & 0xFF;
          assertThat(scaled.at(x, y)).as(x + "," + y).isCloseTo(shade, within(2));
        }
      }
      picture.release();
    }
    av_frame_free(expected);
    frame.release();
  }

  /** Marks in a stream that nobody could convert by. */
  @ParameterizedTest
  @CsvSource({"0, 0, 0", "3, 3, 3", "2, 2, 2", "9, 16, 9", "250, 251, 252"})
  void whatAStreamSaysOfItsColoursDoesNotMatterToSizes(int matrix, int transfer, int primaries) {
    FfmpegFrame frame = frame(64, 48, AV_PIX_FMT_YUV420P, 90);
    frame.frame().colorspace(matrix).color_trc(transfer).color_primaries(primaries);
    frame.frame().chroma_location(6).flags(1 << 3 | 1 << 4);
    try (PictureScaler scaler = new PictureScaler(32, 24, 0, account)) {
      for (int i = 0; i < 3; i++) {
        Picture picture = scaler.convert(frame, LIMITED);
        assertThat(Luma.of(picture).at(15, 12)).isEqualTo(90);
        picture.release();
      }
    }
    frame.release();
  }

  private static FfmpegFrame frame(int width, int height, int format, int luma) {
    Ffmpeg.load();
    AVFrame frame = av_frame_alloc();
    frame.width(width).height(height).format(format).color_range(AVCOL_RANGE_MPEG);
    assertThat(av_frame_get_buffer(frame, 64)).isZero();
    for (int plane = 0; plane < 3; plane++) {
      int rows = plane == 0 ? height : (height + 1) / 2;
      byte value = (byte) (plane == 0 ? luma : 128);
      BytePointer data = frame.data(plane).capacity((long) frame.linesize(plane) * rows);
      for (long i = 0; i < data.capacity(); i++) {
        data.put(i, value);
      }
    }
    return new FfmpegFrame(frame);
  }
}
