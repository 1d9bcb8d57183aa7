package io.millrace.media.av1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Colour;
import io.millrace.media.Fixtures;
import io.millrace.media.Hdr;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.bits.BitWriter;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class Av1ConfigurationTest {
  private static final HexFormat HEX = HexFormat.of();

  static Stream<Fixtures.Row> records() {
    return Fixtures.table("/av1/configurations.txt").stream();
  }

  private static Av1Configuration named(String name) {
    return Av1Configuration.parse(
        HEX.parseHex(
            records().filter(row -> row.get(0).equals(name)).findFirst().orElseThrow().get(1)));
  }

  @ParameterizedTest
  @MethodSource("records")
  void readsWhatOtherParsersRead(Fixtures.Row row) {
    Av1Configuration config = Av1Configuration.parse(HEX.parseHex(row.get(1)));
    SequenceHeader header = config.sequence();
    TrackFormat.Video format = config.toFormat();
    String pixels = row.get(5);

    assertThat(format.codec()).isEqualTo(VideoCodec.AV1);
    assertThat(format.width()).isEqualTo(row.number(2));
    assertThat(format.height()).isEqualTo(row.number(3));
    assertThat(format.frameRate()).isEqualTo(Fixtures.rational(row.get(4)));
    assertThat(format.colour()).isEqualTo(Fixtures.colour(row.get(6)));
    assertThat(header.profile()).isEqualTo(row.number(7));
    assertThat(header.level()).isEqualTo(row.number(8));
    assertThat(header.highTier()).isEqualTo(row.number(9) == 1);
    assertThat(header.chromaSamplePosition()).isEqualTo(row.number(10));
    assertThat(header.reducedStillPicture()).isEqualTo(row.number(11) == 1);
    assertThat(header.bitDepth())
        .isEqualTo(pixels.endsWith("10le") ? 10 : pixels.endsWith("12le") ? 12 : 8);
    assertThat(header.monochrome()).isEqualTo(pixels.equals("gray"));
    assertThat(header.subsamplingX())
        .isEqualTo(!pixels.equals("yuv444p") && !pixels.equals("gbrp"));
    assertThat(header.subsamplingY())
        .isEqualTo(pixels.startsWith("yuv420") || pixels.equals("gray"));
  }

  @ParameterizedTest
  @MethodSource("records")
  void writesWhatItRead(Fixtures.Row row) {
    Av1Configuration config = Av1Configuration.parse(HEX.parseHex(row.get(1)));
    assertThat(HEX.formatHex(config.toBytes())).isEqualTo(row.get(1));
    assertThat(Av1Configuration.of(config.sequenceHeaderObu())).isEqualTo(config);
  }

  @ParameterizedTest
  @CsvSource({
    "svt_main_8,           av01.0.01M.08",
    "svt_main_10,          av01.0.00M.10",
    "aom_limited_709,      av01.0.00M.08",
    "aom_full_range_709,   av01.0.00M.08.0.110.01.01.01.1",
    "svt_hdr10,            av01.0.00M.10.0.110.09.16.09.0",
    "aom_mono,             av01.0.00M.08.1.110.02.02.02.1",
    "aom_high_444,         av01.1.00M.08.0.000.02.02.02.0",
    "aom_professional_422, av01.2.00M.10.0.100.02.02.02.0",
    "aom_12bit,            av01.2.00M.12",
    "rav1e_timing,         av01.0.31M.08"
  })
  void codecsParameterIsShortWhereItMayBe(String name, String codecs) {
    assertThat(named(name).codecs()).isEqualTo(codecs);
  }

  @Test
  void timingInfoGivesTheFrameRate() {
    assertThat(SequenceHeader.parse(withTiming(1001, 30_000, 0)).frameRate())
        .isEqualTo(new Rational(30_000, 1001));
    assertThat(SequenceHeader.parse(withTiming(1, 50, 1)).frameRate())
        .isEqualTo(new Rational(25, 1));
    assertThat(SequenceHeader.parse(withTiming(1, 0xFFFF_FFFFL, 0)).frameRate()).isNull();
    assertThat(SequenceHeader.parse(withTiming(0xFFFF_FFFFL, 1, 0x7FFF_FFFE)).frameRate()).isNull();
    SequenceHeader header = SequenceHeader.parse(withTiming(1001, 30_000, 0));
    assertThat(header.highTier()).isTrue();
    assertThat(header.level()).isEqualTo(13);
    assertThat(header.initialDisplayDelay()).isEqualTo(4);
    assertThat(header.maximumWidth()).isEqualTo(1920);
    assertThat(header.maximumHeight()).isEqualTo(1080);
  }

  /** Every optional part present: timing, decoder model, display delay, two operating points. */
  private static byte[] withTiming(long unitsInTick, long timeScale, int ticksPerPictureMinus1) {
    BitWriter out = new BitWriter().bits(0, 3).flag(false).flag(false);
    out.flag(true).bits(unitsInTick, 32).bits(timeScale, 32).flag(true).ue(ticksPerPictureMinus1);
    out.flag(true).bits(9, 5).bits(1, 32).bits(0, 5).bits(0, 5); // decoder_model_info
    out.flag(true).bits(1, 5);
    for (int point = 0; point < 2; point++) {
      out.bits(0x101, 12).bits(13, 5).flag(true);
      out.flag(true).bits(5, 10).bits(5, 10).flag(false); // operating_parameters_info
      out.flag(true).bits(3, 4);
    }
    out.bits(10, 4).bits(10, 4).bits(1919, 11).bits(1079, 11);
    out.flag(true).bits(0, 4).bits(0, 3).bits(0, 3).bits(0, 4);
    out.flag(true).bits(0, 2).flag(true).flag(true).bits(6, 3).bits(0, 3);
    out.flag(false).flag(false).flag(false).flag(false).bits(0, 2).flag(false).flag(false);
    return out.flag(true).toBytes();
  }

  @ParameterizedTest
  @CsvSource({
    "'',                               ends early",
    "81000c,                           ends early",
    "80010c000a0b0000000cc4ff6700be0010, marker",
    "81010c00,                         without a sequence header",
    "81020c000a0b0000000cc4ff6700be0010, contradicts",
    "81014c000a0b0000000cc4ff6700be0010, contradicts",
    "81010c000a7f0000000cc4ff6700be0010, 127 bytes where 11 are left"
  })
  void malformedOnes(String hex, String message) {
    assertThatThrownBy(() -> Av1Configuration.parse(HEX.parseHex(hex)))
        .isInstanceOf(MediaFormatException.class)
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @MethodSource("records")
  void survivesHostileBytes(Fixtures.Row row) {
    HostileInput.feed(
        HEX.parseHex(row.get(1)),
        bytes -> {
          Av1Configuration config = Av1Configuration.parse(bytes);
          config.toFormat();
          assertThat(Av1Configuration.parse(config.toBytes())).isEqualTo(config);
        });
  }

  @Test
  void sequenceHeaderSurvivesHostileBytes() {
    HostileInput.feed(withTiming(1001, 30_000, 2), SequenceHeader::parse);
    HostileInput.feed(
        named("svt_hdr10").sequenceHeaderObu(),
        bytes -> Av1Configuration.inBand(Unpooled.wrappedBuffer(bytes)));
  }

  /** SVT-AV1 with the usual HDR10 display: P3 in 1000 cd/m². */
  @Test
  void hdrComesFromMetadataObus() {
    byte[] unit = Fixtures.bytes("/av1/hdr10.obu");
    Hdr hdr =
        new Hdr(
            new Hdr.MasteringDisplay(
                34_000, 16_000, 13_250, 34_500, 7_500, 3_000, 15_635, 16_450, 10_000_000, 50),
            new Hdr.ContentLight(1_000, 400));
    assertThat(HdrMetadata.read(Unpooled.wrappedBuffer(unit))).isEqualTo(hdr);
    Colour colour = Av1Configuration.of(unit).toFormat().colour();
    assertThat(colour).isEqualTo(new Colour(9, 16, 9, false, hdr));
    assertThat(HdrMetadata.read(Unpooled.wrappedBuffer(Fixtures.bytes("/av1/low_delay.obu"))))
        .isNull();
    HostileInput.feed(
        Arrays.copyOf(unit, 58), bytes -> HdrMetadata.read(Unpooled.wrappedBuffer(bytes)));
  }
}
