package io.millrace.media.hevc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.Hdr;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.bits.BitWriter;
import io.millrace.media.nal.EmulationPrevention;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HevcConfigurationTest {
  private static final HexFormat HEX = HexFormat.of();

  static Stream<Fixtures.Row> records() {
    return Fixtures.table("/hevc/configurations.txt").stream();
  }

  private static HevcConfiguration config(String name) {
    return HevcConfiguration.parse(record(name));
  }

  private static byte[] record(String name) {
    return HEX.parseHex(
        records().filter(row -> row.get(0).equals(name)).findFirst().orElseThrow().get(1));
  }

  @ParameterizedTest
  @MethodSource("records")
  void readsWhatOtherParsersRead(Fixtures.Row row) {
    HevcConfiguration config = HevcConfiguration.parse(HEX.parseHex(row.get(1)));
    TrackFormat.Video format = config.toFormat();
    SequenceParameterSet sps = config.sequence();

    assertThat(format.codec()).isEqualTo(VideoCodec.HEVC);
    assertThat(format.width()).isEqualTo(row.number(2));
    assertThat(format.height()).isEqualTo(row.number(3));
    assertThat(format.sampleAspectRatio()).isEqualTo(Fixtures.rational(row.get(4)));
    assertThat(format.frameRate()).isEqualTo(Fixtures.rational(row.get(5)));
    assertThat(format.colour().withHdr(null)).isEqualTo(Fixtures.colour(row.get(6)));
    String pixels = row.get(7);
    assertThat(sps.chromaFormatIdc())
        .isEqualTo(
            pixels.equals("gray")
                ? 0
                : pixels.startsWith("yuv444") ? 3 : pixels.startsWith("yuv422") ? 2 : 1);
    assertThat(sps.bitDepthLuma())
        .isEqualTo(pixels.endsWith("12le") ? 12 : pixels.endsWith("10le") ? 10 : 8);
    assertThat(sps.profile().levelIdc()).isEqualTo(row.number(8));
    assertThat(format.codecs()).isEqualTo(row.get(9));
    assertThat(sps.usability().fieldSequence()).isEqualTo(row.get(0).equals("interlaced"));
    assertThat(config.lengthSize()).isEqualTo(4);
    for (byte[] unit : config.pictureParameterSets()) {
      assertThat(PictureParameterSet.parse(unit).sequenceParameterSetId()).isEqualTo(sps.id());
    }
  }

  @ParameterizedTest
  @MethodSource("records")
  void writesWhatItRead(Fixtures.Row row) {
    byte[] record = HEX.parseHex(row.get(1));
    byte[] written = HevcConfiguration.parse(record).toBytes();
    // avgFrameRate and constantFrameRate: some senders give them, here they are "unknown".
    record[19] = 0;
    record[20] = 0;
    record[21] &= 0x3F;
    assertThat(HEX.formatHex(written)).isEqualTo(HEX.formatHex(record));
    assertThat(HevcConfiguration.parse(written)).isEqualTo(HevcConfiguration.parse(record));
  }

  @ParameterizedTest
  @MethodSource("records")
  void survivesHostileBytes(Fixtures.Row row) {
    HostileInput.feed(
        HEX.parseHex(row.get(1)),
        bytes -> {
          HevcConfiguration config = HevcConfiguration.parse(bytes);
          config.toFormat();
          assertThat(HevcConfiguration.parse(config.toBytes())).isEqualTo(config);
        });
  }

  @ParameterizedTest
  @MethodSource("records")
  void parameterSetsSurviveHostileBytes(Fixtures.Row row) {
    HevcConfiguration config = HevcConfiguration.parse(HEX.parseHex(row.get(1)));
    HostileInput.feed(config.videoParameterSets().getFirst(), VideoParameterSet::parse);
    HostileInput.feed(config.sequenceParameterSets().getFirst(), SequenceParameterSet::parse);
    HostileInput.feed(config.pictureParameterSets().getFirst(), PictureParameterSet::parse);
  }

  @Test
  void hdrComesFromTheSeiMessagesOfTheRecord() {
    Hdr hdr = config("main10_hdr10").toFormat().colour().hdr();
    assertThat(hdr)
        .isEqualTo(
            new Hdr(
                new Hdr.MasteringDisplay(
                    34_000, 16_000, 13_250, 34_500, 7_500, 3_000, 15_635, 16_450, 10_000_000, 50),
                new Hdr.ContentLight(1_000, 400)));
    assertThat(config("main10_hlg").toFormat().colour().hdr()).isNull();
  }

  @Test
  void annexBExtradataGivesTheSameRecord() {
    for (Fixtures.Row row : records().toList()) {
      HevcConfiguration withSei = HevcConfiguration.parse(HEX.parseHex(row.get(1)));
      HevcConfiguration config =
          HevcConfiguration.of(
              4,
              withSei.videoParameterSets(),
              withSei.sequenceParameterSets(),
              withSei.pictureParameterSets());
      ByteBuf stream = AnnexB.parameterSets(config, UnpooledByteBufAllocator.DEFAULT);
      ByteBuf twice = Unpooled.copiedBuffer(stream, stream);
      assertThat(HevcConfiguration.fromAnnexB(twice, 4)).isEqualTo(config);
      stream.release();
      twice.release();
    }
  }

  @Test
  void otherLayersAreLeftOut() {
    HevcConfiguration config = config("main_ntsc");
    byte[] secondLayer = config.sequenceParameterSets().getFirst().clone();
    secondLayer[1] |= 1 << 3;
    assertThat(
            HevcConfiguration.of(
                4,
                config.videoParameterSets(),
                List.of(secondLayer, config.sequenceParameterSets().getFirst()),
                config.pictureParameterSets()))
        .isEqualTo(config);
  }

  @Test
  void incompleteConfigurationsAreRefused() {
    HevcConfiguration config = config("main_ntsc");
    assertThatThrownBy(
            () ->
                HevcConfiguration.of(
                    4, config.videoParameterSets(), config.sequenceParameterSets(), List.of()))
        .isInstanceOf(MediaFormatException.class);
    assertThatThrownBy(() -> HevcConfiguration.fromAnnexB(Unpooled.EMPTY_BUFFER, 4))
        .isInstanceOf(MediaFormatException.class);
    byte[] threeByteLengths = config.toBytes();
    threeByteLengths[21] = (byte) (threeByteLengths[21] & ~3 | 2);
    assertThatThrownBy(() -> HevcConfiguration.parse(threeByteLengths))
        .hasMessageContaining("lengthSizeMinusOne");
  }

  @ParameterizedTest
  @ValueSource(ints = {16_889, 1 << 20, Integer.MAX_VALUE - 1})
  void spsBeyondEveryLevelIsRefused(int width) {
    byte[] sps = sps(width, 16);
    assertThatThrownBy(() -> SequenceParameterSet.parse(sps))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("pic_width_in_luma_samples");
    assertThatThrownBy(() -> SequenceParameterSet.parse(sps(16_000, 16_000)))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("beyond every level");
  }

  /** Up to the bit depths, and then as many reference sets as there are. */
  private static byte[] sps(int width, int height) {
    BitWriter out = start(width, height, 0);
    return EmulationPrevention.insert(out.toBytes());
  }

  private static BitWriter start(int width, int height, int maxSubLayersMinus1) {
    BitWriter out = new BitWriter().bits(0x4201, 16);
    out.bits(0, 4).bits(maxSubLayersMinus1, 3).flag(true);
    out.bits(1, 8).bits(0x60000000L, 32).bits(0x900000, 24).bits(0, 24).bits(93, 8);
    for (int i = 0; i < maxSubLayersMinus1; i++) {
      out.flag(true).flag(true);
    }
    for (int i = maxSubLayersMinus1; i > 0 && i < 8; i++) {
      out.bits(0, 2);
    }
    for (int i = 0; i < maxSubLayersMinus1; i++) {
      out.bits(0, 32).bits(0, 32).bits(0, 24).bits(30, 8);
    }
    return out.ue(0).ue(1).ue(width).ue(height).flag(false).ue(0).ue(0).ue(4);
  }

  @Test
  void subLayersScalingListsAndReferenceSetsAreSteppedOver() {
    BitWriter out = start(1280, 720, 2);
    out.flag(true);
    for (int i = 0; i < 3; i++) {
      out.ue(4).ue(i).ue(0);
    }
    out.ue(0).ue(3).ue(0).ue(3).ue(1).ue(1);
    out.flag(true).flag(true); // scaling lists
    for (int list = 0; list < 20; list++) {
      boolean explicit = list % 3 == 0;
      out.flag(explicit);
      if (explicit) {
        int size = list < 6 ? 16 : 64;
        for (int i = 0; i < size + (list >= 12 ? 1 : 0); i++) {
          out.se(i % 5 - 2);
        }
      } else {
        out.ue(list % 2);
      }
    }
    out.bits(0, 2);
    out.flag(true).bits(7, 4).bits(7, 4).ue(0).ue(2).flag(true); // PCM
    out.ue(3); // short-term reference sets, the second and third predicted
    out.ue(2).ue(1).ue(0).flag(true).ue(1).flag(false).ue(0).flag(true);
    out.flag(true).flag(false).ue(0).flag(true).flag(false).flag(true).flag(false).flag(false);
    out.flag(true);
    out.flag(true).flag(true).ue(1).flag(true).flag(true).flag(true).flag(true);
    out.flag(true).ue(2).bits(5, 8).flag(true).bits(6, 8).flag(false); // long-term
    out.bits(3, 2);
    out.flag(true); // VUI
    out.flag(true).bits(255, 8).bits(64, 16).bits(45, 16);
    out.flag(true).flag(false).flag(true).bits(5, 3).flag(true).flag(true);
    out.bits(9, 8).bits(18, 8).bits(9, 8).flag(true).ue(1).ue(1).bits(0, 3);
    out.flag(true).ue(0).ue(0).ue(0).ue(8).flag(true).bits(1001, 32).bits(60_000, 32);
    SequenceParameterSet sps =
        SequenceParameterSet.parse(EmulationPrevention.insert(out.toBytes()));
    assertThat(sps.temporalLayers()).isEqualTo(3);
    assertThat(sps.maxReorderPictures()).isEqualTo(2);
    assertThat(sps.usability().sampleAspectRatio()).hasToString("64/45");
    assertThat(sps.usability().colour()).isEqualTo(Fixtures.colour("9/18/9/1"));
    assertThat(sps.usability().frameRate()).hasToString("60000/1001");
    assertThat(sps.profile().codecs()).isEqualTo("hvc1.1.6.L93.90");
  }

  @Test
  void codecsParameterKeepsInnerZeros() {
    assertThat(new ProfileTierLevel(0, false, 2, 0x20000000, 0xB00000000000L, 123).codecs())
        .isEqualTo("hvc1.2.4.L123.B0");
    assertThat(new ProfileTierLevel(2, true, 1, 0x60000000, 0x900000000100L, 150).codecs())
        .isEqualTo("hvc1.B1.6.H150.90.0.0.0.1");
    assertThat(new ProfileTierLevel(0, false, 1, 0x60000000, 0, 93).codecs())
        .isEqualTo("hvc1.1.6.L93");
  }
}
