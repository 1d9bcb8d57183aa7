package io.millrace.codec.slate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.millrace.codec.Clips;
import io.millrace.codec.CodecException;
import io.millrace.codec.CodedClip;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Luma;
import io.millrace.codec.NativeAccount;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlateTest {
  private static final int RED = 0xFFE04020;

  /** 40×20 of the same red, lossless WebP. */
  private static final String WEBP = "UklGRh4AAABXRUJQVlA4TBEAAAAvJ8AEAAdQoIYXpP+BiOh/AAA=";

  private static CodedClip source;
  private final NativeAccount account = new NativeAccount();

  @BeforeAll
  static void makeASource() {
    source =
        CodedClip.of(
            CodedClip.Video.of("libx264", 8, Map.of()).withFrames(5, 5),
            CodedClip.Painting.moving());
  }

  private static Slate.Image plain(int width, int height) {
    int[] pixels = new int[width * height];
    Arrays.fill(pixels, RED);
    return new Slate.Image(width, height, pixels);
  }

  private Luma shown(TrackFormat.Video track, Slate slate) {
    StillResult result = Stills.slate(track, slate, account);
    assertThat(result).isInstanceOf(StillResult.Ready.class);
    Still still = ((StillResult.Ready) result).still();
    List<TrackEvent.Sample> key = List.of(still.sample(TrackEvent.VIDEO_TRACK, 0, 0));
    assertThat(account.handles() + account.pictureBytes()).isZero();
    return DecodedTrack.of(still.format(), key).pictures().firstEntry().getValue();
  }

  private static TrackFormat.Video withColour(TrackFormat.Video format, Colour colour) {
    return new TrackFormat.Video(
        format.codec(),
        format.codecs(),
        format.configuration(),
        format.width(),
        format.height(),
        format.sampleAspectRatio(),
        format.frameRate(),
        colour,
        format.rotation());
  }

  @Test
  void aWidePictureGetsBarsAboveAndBelow() {
    Luma luma = shown(source.video(), plain(400, 100));
    // 320×80 in the middle of 180 lines; BT.709: 16 + 219 × (0.2126 R + 0.7152 G + 0.0722 B)
    assertThat(luma.at(160, 90)).isCloseTo(98, within(2));
    assertThat(luma.at(4, 56)).isCloseTo(98, within(3));
    assertThat(luma.at(160, 20)).isCloseTo(16, within(1));
    assertThat(luma.at(160, 160)).isCloseTo(16, within(1));
  }

  @Test
  void pixelsThatAreNotSquareDoNotDistort() {
    // 320×180 of 1:2 pixels show as 160×180, in which a square is as wide as the picture.
    Luma luma = shown(Clips.turned(source.video(), new Rational(1, 2), 0), plain(64, 64));
    assertThat(luma.at(4, 90)).isCloseTo(98, within(3));
    assertThat(luma.at(160, 4)).isCloseTo(16, within(2));
    assertThat(luma.at(160, 20)).isCloseTo(98, within(3));
  }

  @Test
  void aTurnedTrackGetsAnUprightSlate() {
    Slate.Image topIsWhite = plain(180, 320);
    Arrays.fill(topIsWhite.argb(), 0, 180 * 100, 0xFFFFFFFF);
    // Shown turned clockwise by a quarter, the coded picture's left side is on top.
    Luma quarter = shown(Clips.turned(source.video(), Rational.ONE, 90), topIsWhite);
    assertThat(quarter.at(40, 90)).isGreaterThan(230);
    assertThat(quarter.at(280, 90)).isLessThan(110);
    Luma threeQuarters = shown(Clips.turned(source.video(), Rational.ONE, 270), topIsWhite);
    assertThat(threeQuarters.at(280, 90)).isGreaterThan(230);
    assertThat(threeQuarters.at(40, 90)).isLessThan(110);
  }

  @Test
  void whiteIsAsBrightAsTelevisionWantsItInHighDynamicRange() {
    CodedClip deep =
        CodedClip.of(
            CodedClip.Video.of("libx264", 10, Map.of()).withFrames(5, 5),
            CodedClip.Painting.moving());
    Slate.Image white = plain(320, 180);
    Arrays.fill(white.argb(), 0xFFFFFFFF);
    // ITU-R BT.2408 table 1: 58 % in PQ, 75 % in HLG; the code values here are reduced to 8 bits.
    Luma pq = shown(withColour(deep.video(), new Colour(9, 16, 9, false)), white);
    assertThat(pq.at(160, 90)).isCloseTo((int) (16 + 219 * 0.58), within(2));
    Luma hlg = shown(withColour(deep.video(), new Colour(9, 18, 9, false)), white);
    assertThat(hlg.at(160, 90)).isCloseTo((int) (16 + 219 * 0.75), within(2));
  }

  @Test
  void theGeneratedSlateIsDarkWithALineOfText() {
    Luma luma = shown(source.video(), Slate.Text.DEFAULT);
    int bright = 0;
    for (int y = 0; y < luma.height(); y++) {
      for (int x = 0; x < luma.width(); x++) {
        if (luma.at(x, y) > 100) {
          bright++;
          assertThat(y).isBetween(70, 110);
        }
      }
    }
    assertThat(bright).isBetween(200, 4000);
    assertThat(luma.at(10, 10)).isBetween(18, 45);
  }

  @Test
  void everyCharacterThatCanBeTypedDrawsOrIsLeftBlank() {
    StringBuilder all = new StringBuilder();
    for (char character = ' '; character < 0x250; character++) {
      all.append(character);
    }
    assertThat(StrokeText.of("É").width()).isEqualTo(StrokeText.of("E").width()).isPositive();
    assertThat(StrokeText.of("日本").width()).isZero();
    assertThat(StrokeText.of(all.toString()).width()).isPositive();
    assertThat(shown(source.video(), new Slate.Text("")).at(160, 90)).isBetween(18, 45);
  }

  @Test
  void theLastPictureAndTheSlateHaveOneFormat() {
    StillResult slate = Stills.slate(source.video(), Slate.Text.DEFAULT, account);
    StillResult last = Stills.lastPicture(source.video(), source.samples(), account);
    assertThat(((StillResult.Ready) slate).still().format())
        .isEqualTo(((StillResult.Ready) last).still().format());
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg"})
  void imageFilesAreRead(String kind) throws IOException {
    BufferedImage image = new BufferedImage(40, 20, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 800; i++) {
      image.setRGB(i % 40, i / 40, RED);
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, kind, file)).isTrue();
    assertRed(Slate.read(file.toByteArray()));
  }

  @Test
  void webpFilesAreRead() {
    assertRed(Slate.read(Base64.getDecoder().decode(WEBP)));
  }

  private static void assertRed(Slate.Image image) {
    assertThat(image.width()).isEqualTo(40);
    assertThat(image.height()).isEqualTo(20);
    for (int pixel : image.argb()) {
      assertThat(pixel >>> 24).isEqualTo(255);
      assertThat(pixel >> 16 & 0xFF).isCloseTo(0xE0, within(4));
      assertThat(pixel >> 8 & 0xFF).isCloseTo(0x40, within(4));
      assertThat(pixel & 0xFF).isCloseTo(0x20, within(4));
    }
  }

  @Test
  void whatIsNoImageIsRefused() {
    byte[] webp = Base64.getDecoder().decode(WEBP);
    Random random = new Random(7);
    byte[] noise = new byte[2000];
    random.nextBytes(noise);
    System.arraycopy(new byte[] {(byte) 0x89, 'P', 'N', 'G'}, 0, noise, 0, 4);
    assertThatThrownBy(() -> Slate.read(new byte[0])).isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> Slate.read(noise)).isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> Slate.read(Arrays.copyOf(webp, 20)))
        .isInstanceOf(CodecException.class);
    assertThatThrownBy(() -> Slate.read(new byte[Slate.MAX_FILE_BYTES + 1]))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining("16777217");
  }

  @Test
  void aSourceThatCannotBeFollowedSaysWhy() {
    TrackFormat.Video rgb = withColour(source.video(), new Colour(1, 13, 0, true));
    assertThat(Stills.slate(rgb, Slate.Text.DEFAULT, account))
        .isEqualTo(new StillResult.Unavailable("no still with colour matrix 0"));
    assertThat(Stills.lastPicture(source.video(), List.of(), account))
        .isEqualTo(new StillResult.Unavailable("no picture in the newest 0 samples"));
    assertThat(account.handles() + account.pictureBytes()).isZero();
  }
}
