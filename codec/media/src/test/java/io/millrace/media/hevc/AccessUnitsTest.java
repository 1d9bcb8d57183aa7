package io.millrace.media.hevc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Fixtures;
import io.millrace.media.Hdr;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessUnitsTest {
  private static final HexFormat HEX = HexFormat.of();

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HEX.parseHex(text.replace(" ", "")));
  }

  @ParameterizedTest
  @CsvSource({
    "00000003 2601af, true", // IDR_W_RADL
    "00000003 2801af, true", // IDR_N_LP
    "00000003 2a01af, true", // CRA
    "00000003 2001af, true", // BLA_W_LP
    "00000003 0201d0, false", // TRAIL_R
    "00000003 1e01d0, false", // reserved, non-IRAP
    "00000003 3001d0, false", // reserved, non-IRAP
    "00000003 460150 00000003 2601af, true", // delimiter first
    "00000002 4e01 00000003 0201d0, false" // SEI
  })
  void randomAccessPicturesAreKeys(String unit, boolean key) {
    assertThat(AccessUnits.isIrap(hex(unit), 4)).isEqualTo(key);
  }

  @Test
  void lengthsMustTileTheUnit() {
    AccessUnits.check(hex("00032601af 00030201d0"), 2);
    for (String broken : new String[] {"", "0003", "00042601af", "000126", "0000"}) {
      assertThatThrownBy(() -> AccessUnits.check(hex(broken), 2))
          .isInstanceOf(MediaFormatException.class)
          .hasMessageStartingWith("HEVC access unit");
    }
  }

  @Test
  void seiMessagesSayHowToShowThePicture() {
    ByteBuf unit =
        hex(
            "0000001e 4e01 8918 33c2 86c4 1d4c 0bb8 84d0 3e80 3d13 4042 00989680 000003 0032 80"
                + " 00000009 4e01 9004 03e8 0190 80 0000000a 4e01 2f04 08 0000 4000 80");
    Hdr hdr = AccessUnits.display(unit, 4).hdr();
    assertThat(hdr)
        .isEqualTo(
            new Hdr(
                new Hdr.MasteringDisplay(
                    34_000, 16_000, 13_250, 34_500, 7_500, 3_000, 15_635, 16_450, 10_000_000, 50),
                new Hdr.ContentLight(1_000, 400)));
    assertThat(AccessUnits.display(hex("00000003 2601af"), 4).hdr()).isNull();
  }

  @Test
  void samplesComeWithoutDelimitersAndKnownParameterSets() {
    HevcConfiguration config =
        HevcConfiguration.parse(
            HEX.parseHex(Fixtures.table("/hevc/configurations.txt").getLast().get(1)));
    ByteBuf sets = AnnexB.parameterSets(config, UnpooledByteBufAllocator.DEFAULT);
    byte[] otherPps = config.pictureParameterSets().getFirst().clone();
    otherPps[2] ^= 0x10;
    ByteBuf stream =
        Unpooled.wrappedBuffer(
            hex("00000001 460150"),
            sets,
            hex("00000001"),
            Unpooled.wrappedBuffer(otherPps),
            hex("000001 2601afbc 000001 4c01ff80 000001 4a01"));
    ByteBuf sample = AnnexB.toSample(stream, config, UnpooledByteBufAllocator.DEFAULT);
    assertThat(HEX.formatHex(bytes(sample)))
        .isEqualTo(
            "%08x".formatted(otherPps.length) + HEX.formatHex(otherPps) + "00000004" + "2601afbc");
    assertThat(stream.readerIndex()).isZero();
    ByteBuf back = AnnexB.fromLengthPrefixed(sample, 4, UnpooledByteBufAllocator.DEFAULT);
    assertThat(HEX.formatHex(bytes(back)))
        .isEqualTo("00000001" + HEX.formatHex(otherPps) + "00000001" + "2601afbc");
    sample.release();
    back.release();
    stream.release();
  }

  private static byte[] bytes(ByteBuf buffer) {
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.getBytes(buffer.readerIndex(), bytes);
    return bytes;
  }

  @Test
  void survivesHostileBytes() {
    HevcConfiguration config =
        HevcConfiguration.parse(
            HEX.parseHex(Fixtures.table("/hevc/configurations.txt").getLast().get(1)));
    String sei = "00000009 4e01 9004 03e8 0190 80 0000000a 4e01 2f04 08 0000 4000 80";
    HostileInput.feed(
        HEX.parseHex((sei + "00000003 2601af").replace(" ", "")),
        bytes -> {
          ByteBuf unit = Unpooled.wrappedBuffer(bytes);
          AccessUnits.isIrap(unit, 4);
          AccessUnits.display(unit, 4);
        });
    HostileInput.feed(
        HEX.parseHex("00000001460150000001420101000001440100000126015000"),
        bytes ->
            AnnexB.toSample(Unpooled.wrappedBuffer(bytes), config, UnpooledByteBufAllocator.DEFAULT)
                .release());
  }
}
