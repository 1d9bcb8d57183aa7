package io.millrace.codec.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Clips;
import io.millrace.codec.CodecException;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.RecordingSink;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBufUtil;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class JpegSheetTest {
  private static RecordingSink clip;
  private static byte[] key;

  @BeforeAll
  static void makeAClip() {
    clip = Clips.record(Clips.small(), 200);
    Sample first = clip.samples().getFirst();
    key = ByteBufUtil.getBytes(first.payload());
  }

  private static BufferedImage read(byte[] jpeg) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(jpeg));
  }

  private static double brightness(BufferedImage image, int left, int top, int width, int height) {
    long sum = 0;
    for (int y = top; y < top + height; y++) {
      for (int x = left; x < left + width; x++) {
        sum += image.getRGB(x, y) >> 8 & 0xFF;
      }
    }
    return (double) sum / width / height;
  }

  @Test
  void aTileShowsThePictureAndTheOthersAreBlack() throws IOException {
    NativeAccount account = new NativeAccount();
    JpegSheet.Size size = JpegSheet.Size.within(clip.videoFormat(), 160, 160);
    assertThat(size).isEqualTo(new JpegSheet.Size(160, 90));
    BufferedImage alone;
    try (JpegSheet sheet = new JpegSheet(1, 1, size, account)) {
      sheet.place(0, clip.videoFormat(), key);
      alone = read(sheet.encode());
    }
    assertThat(alone.getWidth()).isEqualTo(160);
    assertThat(alone.getHeight()).isEqualTo(90);
    double shown = brightness(alone, 0, 0, 160, 90);
    assertThat(shown).isGreaterThan(40);
    try (JpegSheet sheet = new JpegSheet(2, 2, size, account)) {
      sheet.place(1, clip.videoFormat(), key);
      BufferedImage four = read(sheet.encode());
      assertThat(four.getWidth()).isEqualTo(320);
      assertThat(four.getHeight()).isEqualTo(180);
      assertThat(brightness(four, 160, 0, 160, 88)).isCloseTo(shown, within(8.0));
      assertThat(brightness(four, 0, 0, 152, 180)).isLessThan(3);
      assertThat(brightness(four, 160, 98, 160, 80)).isLessThan(3);
    }
    assertThat(account.pictureBytes()).isZero();
    assertThat(account.handles()).isZero();
  }

  @Test
  void sizesKeepTheAspectOfWhatIsShown() {
    TrackFormat.Video format = clip.videoFormat();
    assertThat(JpegSheet.Size.within(format, 640, 360)).isEqualTo(new JpegSheet.Size(640, 360));
    assertThat(JpegSheet.Size.within(Clips.turned(format, Rational.ONE, 90), 160, 160))
        .isEqualTo(new JpegSheet.Size(90, 160));
    assertThat(JpegSheet.Size.within(Clips.turned(format, new Rational(1, 2), 0), 160, 160))
        .isEqualTo(new JpegSheet.Size(142, 160));
  }

  @Test
  void whatDoesNotDecodeIsToldAndLeavesNothingBehind() {
    NativeAccount account = new NativeAccount();
    try (JpegSheet sheet = new JpegSheet(1, 1, new JpegSheet.Size(160, 90), account)) {
      assertThatThrownBy(() -> sheet.place(0, clip.videoFormat(), new byte[] {0, 0, 0, 1, 9}))
          .isInstanceOf(CodecException.class);
    }
    assertThat(account.handles()).isZero();
  }
}
