package io.millrace.packager.bmff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Colour;
import io.millrace.media.Hdr.ContentLight;
import io.millrace.media.Hdr.MasteringDisplay;
import io.millrace.media.MediaFormatException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BoxReaderTest {
  private static final UUID KID = UUID.fromString("1077efec-c0b2-4d02-ace3-3c1e52e2fb4b");

  /** One of each kind; every test of this class uses all. */
  static Stream<Box> boxes() {
    FragmentSample key = new FragmentSample(3000, 7, FragmentSample.KEY_FLAGS, 0);
    FragmentSample other = new FragmentSample(3001, 8, FragmentSample.DEPENDENT_FLAGS, -6000);
    int all = TrackRunBox.DURATION | TrackRunBox.SIZE | TrackRunBox.FLAGS | TrackRunBox.OFFSET;
    return Stream.of(
        new FileTypeBox("ftyp", "iso6", 0, List.of("iso6", "cmfc")),
        new FileTypeBox("styp", "msdh", 0, List.of("msdh")),
        ContainerBox.of("dinf", new DataReferenceBox()),
        new MovieHeaderBox(360_000),
        TrackHeaderBox.audio(1),
        TrackHeaderBox.video(1, 1920, 1080, 0),
        TrackHeaderBox.video(1, 1920, 1080, 90),
        TrackHeaderBox.video(1, 1920, 1080, 180),
        TrackHeaderBox.video(1, 1920, 1080, 270),
        new MediaHeaderBox(48_000),
        new HandlerBox("vide", "Video"),
        new VideoMediaHeaderBox(),
        new SoundMediaHeaderBox(),
        new SampleDescriptionBox(
            new VisualSampleEntry(
                "avc1",
                640,
                360,
                List.of(
                    new CodecConfigurationBox("avcC", new byte[] {1, 2, 3}),
                    ColourBox.of(new Colour(9, 16, 9, true)),
                    new PixelAspectRatioBox(16, 15),
                    new BitRateBox(0, 2_500_000, 2_400_000)))),
        new SampleDescriptionBox(
            new AudioSampleEntry(
                "mp4a",
                2,
                44_100,
                List.of(
                    new ElementaryStreamBox(
                        0x40, 128_000, 96_000, new byte[] {0x11, (byte) 0x90})))),
        new ElementaryStreamBox(0x40, 0, 0, new byte[200]),
        new ElementaryStreamBox(0x40, 0, 0, new byte[20_000]),
        new ElementaryStreamBox(0x6B, 128_000, 96_000, new byte[0]),
        new VpConfigurationBox(new byte[] {2, 40, (byte) 0xA2, 9, 16, 9, 0, 0}),
        new MasteringDisplayBox(
            new MasteringDisplay(
                35_400, 14_600, 8_500, 39_850, 6_550, 2_300, 15_635, 16_450, 0x9000_0000L, 50)),
        new ContentLightBox(new ContentLight(1000, 0xFFFF)),
        new AudioSampleEntry("Opus", 2, 48_000, List.of()),
        new EmptySampleTableBox("stts"),
        new EmptySampleTableBox("stsz"),
        new RollDistanceBox(-4),
        new RollGroupBox(100),
        new TrackExtendsBox(1),
        new MovieFragmentHeaderBox(77),
        new TrackFragmentHeaderBox(1, null, null, null),
        new TrackFragmentHeaderBox(1, 1024, null, FragmentSample.KEY_FLAGS),
        new TrackFragmentHeaderBox(1, 1024, 99, FragmentSample.KEY_FLAGS),
        new TrackFragmentDecodeTimeBox(1L << 40),
        new TrackRunBox(all, 100, List.of(key, other)),
        new TrackRunBox(0, 100, List.of(new FragmentSample(0, 0, 0, 0))),
        new TrackRunBox(
            TrackRunBox.FIRST_FLAGS,
            100,
            List.of(
                new FragmentSample(0, 0, FragmentSample.KEY_FLAGS, 0),
                new FragmentSample(0, 0, 0, 0))),
        new MediaDataBox(new byte[] {1, 2, 3, 4}),
        new OriginalFormatBox("avc1"),
        new SchemeTypeBox("cbcs"),
        new TrackEncryptionBox(1, 9, 0, KID, new byte[16]),
        new TrackEncryptionBox(0, 0, 0, KID, new byte[] {1, 2, 3, 4, 5, 6, 7, 8}),
        new TrackEncryptionBox(0, 0, 8, KID, new byte[0]),
        ProtectionSystemBox.common(KID),
        new ProtectionSystemBox(KID, List.of(), new byte[] {9, 8, 7}),
        new AuxiliarySizesBox(List.of(16, 16, 16)),
        new AuxiliarySizesBox(List.of(16, 22, 255)),
        new AuxiliaryOffsetBox(177),
        new OpaqueBox("free", new byte[5]));
  }

  @ParameterizedTest
  @MethodSource("boxes")
  void readsBackWhatWasWritten(Box box) {
    byte[] bytes = Box.toBytes(List.of(box));

    List<Box> read = BoxReader.read(bytes);

    assertThat(bytes).hasSize(box.sizeBytes());
    assertThat(read).singleElement().isInstanceOf(box.getClass()).hasToString(box.toString());
    assertThat(Box.toBytes(read)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @MethodSource("boxes")
  void refusesEveryTruncation(Box box) {
    byte[] bytes = Box.toBytes(List.of(box));
    for (int length = 1; length < bytes.length; length += 1 + length / 50) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> BoxReader.read(cut)).isInstanceOf(MediaFormatException.class);
    }
  }

  /** A wrong size inside a well-sized box must not read past it, nor lose a byte. */
  @ParameterizedTest
  @MethodSource("boxes")
  void survivesEveryDamagedByteWithoutLoss(Box box) {
    byte[] bytes = Box.toBytes(List.of(box));
    Random random = new Random(1);
    for (int i = 0; i < Math.min(bytes.length, 400); i++) {
      byte[] damaged = bytes.clone();
      damaged[i] ^= (byte) (1 + random.nextInt(255));
      try {
        assertThat(Box.toBytes(BoxReader.read(damaged))).isEqualTo(damaged);
      } catch (MediaFormatException e) {
        assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED);
      }
    }
  }

  @Test
  void refusesBoxesNestedWithoutEnd() {
    ByteBuffer bytes = ByteBuffer.allocate(8 * 10_000);
    for (int left = bytes.capacity(); left > 0; left -= 8) {
      bytes.putInt(left).put(new byte[] {'m', 'o', 'o', 'v'});
    }
    assertThatThrownBy(() -> BoxReader.read(bytes.array()))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("nested");
  }

  @Test
  void refusesARunThatClaimsMoreSamplesThanItsBoxHolds() {
    ByteBuffer run = ByteBuffer.allocate(24);
    run.putInt(24).put(new byte[] {'t', 'r', 'u', 'n'}).putInt(0x0100_0301);
    run.putInt(Integer.MAX_VALUE).putInt(0);
    assertThat(BoxReader.read(run.array())).singleElement().isInstanceOf(OpaqueBox.class);
  }
}
