package io.millrace.media.h264;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.bits.BitWriter;
import io.millrace.media.nal.EmulationPrevention;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AvcConfigurationTest {
  private static final HexFormat HEX = HexFormat.of();

  static Stream<Fixtures.Row> records() {
    return Fixtures.table("/h264/configurations.txt").stream();
  }

  private static byte[] record(String name) {
    return HEX.parseHex(
        records().filter(row -> row.get(0).equals(name)).findFirst().orElseThrow().get(1));
  }

  @ParameterizedTest
  @MethodSource("records")
  void readsWhatOtherParsersRead(Fixtures.Row row) {
    AvcConfiguration config = AvcConfiguration.parse(HEX.parseHex(row.get(1)));
    TrackFormat.Video format = config.toFormat();
    SequenceParameterSet sps = config.sequence();

    assertThat(format.codec()).isEqualTo(VideoCodec.H264);
    assertThat(format.width()).isEqualTo(row.number(2));
    assertThat(format.height()).isEqualTo(row.number(3));
    assertThat(format.sampleAspectRatio()).isEqualTo(Fixtures.rational(row.get(4)));
    assertThat(format.frameRate()).isEqualTo(Fixtures.rational(row.get(5)));
    assertThat(format.colour()).isEqualTo(Fixtures.colour(row.get(6)));
    assertThat(sps.maxReorderFrames()).isEqualTo(row.number(7));
    assertThat(sps.chromaFormatIdc())
        .isEqualTo(row.get(0).equals("gray") ? 0 : chromaFormat(row.get(8)));
    assertThat(sps.bitDepthLuma()).isEqualTo(row.get(8).endsWith("10le") ? 10 : 8);
    assertThat(sps.levelIdc()).isEqualTo(row.number(9));
    assertThat(format.codecs()).isEqualTo("avc1." + HEX.formatHex(sps(config), 1, 4));
    assertThat(sps.progressive()).isEqualTo(!row.get(0).contains("interlaced"));
    assertThat(config.lengthSize()).isEqualTo(4);
  }

  private static int chromaFormat(String pixelFormat) {
    return pixelFormat.startsWith("yuv444") ? 3 : pixelFormat.startsWith("yuv422") ? 2 : 1;
  }

  private static byte[] sps(AvcConfiguration config) {
    return config.sequenceParameterSets().getFirst();
  }

  @ParameterizedTest
  @MethodSource("records")
  void writesWhatItRead(Fixtures.Row row) {
    byte[] record = HEX.parseHex(row.get(1));
    byte[] written = AvcConfiguration.parse(record).toBytes();
    if (row.get(0).equals("rotated_portrait_4k60_h264")) {
      // A phone's record without the high-profile part, which belongs there.
      assertThat(HEX.formatHex(written)).isEqualTo(row.get(1) + "fdf8f800");
    } else {
      assertThat(HEX.formatHex(written)).isEqualTo(row.get(1));
    }
    assertThat(AvcConfiguration.parse(written)).isEqualTo(AvcConfiguration.parse(record));
  }

  @ParameterizedTest
  @MethodSource("records")
  void survivesHostileBytes(Fixtures.Row row) {
    HostileInput.feed(
        HEX.parseHex(row.get(1)),
        bytes -> {
          AvcConfiguration config = AvcConfiguration.parse(bytes);
          config.toFormat();
          assertThat(AvcConfiguration.parse(config.toBytes())).isEqualTo(config);
          config.pictureParameterSets().forEach(PictureParameterSet::parse);
        });
  }

  @Test
  void annexBExtradataGivesTheSameRecord() {
    for (Fixtures.Row row : records().toList()) {
      AvcConfiguration config = AvcConfiguration.parse(HEX.parseHex(row.get(1)));
      ByteBuf stream = AnnexB.parameterSets(config, UnpooledByteBufAllocator.DEFAULT);
      ByteBuf twice = Unpooled.copiedBuffer(stream, stream);
      assertThat(AvcConfiguration.fromAnnexB(twice, 4)).isEqualTo(config);
      ByteBuf prefixed = AnnexB.toLengthPrefixed(twice, UnpooledByteBufAllocator.DEFAULT);
      assertThat(AvcConfiguration.inBand(prefixed, 4)).isEqualTo(config);
      stream.release();
      twice.release();
      prefixed.release();
    }
  }

  @Test
  void withoutParameterSetsThereIsNone() {
    ByteBuf slice = Unpooled.wrappedBuffer(HEX.parseHex("00000002" + "6588"));
    assertThat(AvcConfiguration.inBand(slice, 4)).isNull();
    assertThatThrownBy(() -> AvcConfiguration.fromAnnexB(Unpooled.EMPTY_BUFFER, 4))
        .isInstanceOf(MediaFormatException.class);
    assertThatThrownBy(() -> AvcConfiguration.of(4, List.of(), List.of()))
        .isInstanceOf(MediaFormatException.class);
  }

  @Test
  void picksUpAllParameterSets() {
    byte[] sps = sps(AvcConfiguration.parse(record("high10")));
    byte[] pps = {0x68, (byte) 0xEB, (byte) 0xE3};
    byte[] secondPps = {0x68, 0x5B, (byte) 0xE3};
    AvcConfiguration config = AvcConfiguration.of(2, List.of(sps), List.of(pps, secondPps));
    AvcConfiguration again = AvcConfiguration.parse(config.toBytes());
    assertThat(again.lengthSize()).isEqualTo(2);
    assertThat(again.pictureParameterSets()).hasSize(2);
    assertThat(PictureParameterSet.parse(pps)).isEqualTo(new PictureParameterSet(0, 0));
    assertThat(PictureParameterSet.parse(secondPps)).isEqualTo(new PictureParameterSet(1, 0));
  }

  @Test
  void theRecordsOwnProfileBytesAreNotTrusted() {
    byte[] record = record("high_bframes_ntsc");
    record[1] = 66;
    record[3] = 10;
    assertThat(AvcConfiguration.parse(record).codecs()).isEqualTo("avc1.64001e");
  }

  @Test
  void spsBeyondEveryLevelIsRefused() {
    // pic_width_in_mbs_minus1 and pic_height_in_map_units_minus1 of 2^20
    byte[] sps = spsOfSize(1 << 20, 1 << 20);
    assertThatThrownBy(() -> SequenceParameterSet.parse(sps))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("pic_width_in_mbs_minus1");
    assertThatThrownBy(() -> SequenceParameterSet.parse(spsOfSize(1054, 1054)))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining("beyond every level");
    assertThat(SequenceParameterSet.parse(spsOfSize(239, 134)).width()).isEqualTo(3840);
  }

  private static byte[] spsOfSize(int widthMbsMinus1, int heightMbsMinus1) {
    BitWriter out = new BitWriter().bits(0x67, 8).bits(77, 8).bits(0, 8).bits(40, 8);
    out.ue(0).ue(0).ue(2).ue(1).flag(false).ue(widthMbsMinus1).ue(heightMbsMinus1);
    out.flag(true).flag(true).flag(false).flag(false).flag(true);
    return EmulationPrevention.insert(out.toBytes());
  }

  @Test
  void reorderingIsInferredWhereTheVuiIsSilent() {
    // picture order count type 2: output order is decoding order
    assertThat(SequenceParameterSet.parse(spsOfSize(79, 44)).maxReorderFrames()).isZero();
    BitWriter out = new BitWriter().bits(0x67, 8).bits(77, 8).bits(0, 8).bits(31, 8);
    out.ue(0).ue(0).ue(0).ue(0).ue(4).flag(false).ue(79).ue(44);
    out.flag(true).flag(true).flag(false).flag(false).flag(true);
    // level 3.1 has 18 000 macroblocks for 1280x720 pictures of 3 600
    assertThat(
            SequenceParameterSet.parse(EmulationPrevention.insert(out.toBytes()))
                .maxReorderFrames())
        .isEqualTo(5);
  }

  @Test
  void emulationPreventionGoesBothWays() {
    byte[] plain = HEX.parseHex("67000000000100000200000300000400000000");
    byte[] escaped = EmulationPrevention.insert(plain);
    assertThat(HEX.formatHex(escaped))
        .isEqualTo("67000003000003010000030200000303000004000003000003");
    assertThat(EmulationPrevention.remove(escaped)).startsWith(plain);
    Random random = new Random(7);
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] = (byte) (random.nextInt(3) == 0 ? random.nextInt(5) : 0);
      }
      byte[] safe = EmulationPrevention.insert(bytes);
      assertThat(EmulationPrevention.remove(safe)).startsWith(bytes);
      assertThat(HEX.formatHex(safe).replaceAll("..", "$0 "))
          .doesNotContain("00 00 00 ")
          .doesNotContain("00 00 01 ")
          .doesNotContain("00 00 02 ");
      assertThat(Arrays.equals(EmulationPrevention.insert(new byte[] {1, 2}), new byte[] {1, 2}))
          .isTrue();
    }
  }
}
