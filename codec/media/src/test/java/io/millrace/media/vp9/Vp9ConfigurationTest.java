package io.millrace.media.vp9;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Colour;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Vp9ConfigurationTest {
  private static final HexFormat HEX = HexFormat.of();

  private static ByteBuf hex(String text) {
    return Unpooled.wrappedBuffer(HEX.parseHex(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0015820202020000, vp09.00.21.08", // libvpx through FFmpeg: colour unspecified
    "001f820101010000, vp09.00.31.08",
    "001f800101010000, vp09.00.31.08",
    "0233a20910090000, vp09.02.51.10.01.09.16.09.00", // HDR10
    "0133860101010000, vp09.01.51.08.03.01.01.01.00", // 4:4:4
    "001f830101010000, vp09.00.31.08.01.01.01.01.01" // full range
  })
  void bothWays(String record, String codecs) {
    Vp9Configuration config = Vp9Configuration.parse(HEX.parseHex(record));
    assertThat(config.codecs()).isEqualTo(codecs);
    assertThat(HEX.formatHex(config.toBytes())).isEqualTo(record);
    assertThat(Vp9Configuration.parse(HEX.parseHex("01000000" + record))).isEqualTo(config);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00158202020200", // short
        "0415820202020000", // profile 4
        "0015a20202020000", // profile 0 with 10 bits
        "0215820202020000", // profile 2 with 8 bits
        "0015880202020000", // chromaSubsampling 4
        "0015820202020001", // initialisation data
        "0100000000158202020200"
      })
  void malformed(String record) {
    assertThatThrownBy(() -> Vp9Configuration.parse(HEX.parseHex(record)))
        .isInstanceOf(MediaFormatException.class);
  }

  @Test
  void aKeyFrameHasTheSize() {
    // libvpx, 640x360, as FFmpeg pushed it
    ByteBuf key = hex("824983420027f016760838241c185c1005d050");
    FrameHeader header = FrameHeader.ofKeyFrame(key);
    assertThat(header).isEqualTo(new FrameHeader(0, 8, true, true, 2, false, 640, 360));
    assertThat(FrameHeader.isKeyFrame(key)).isTrue();
    ByteBuf inter = hex("86004092f0c12e0400687f91f3be8d");
    assertThat(FrameHeader.isKeyFrame(inter)).isFalse();
    assertThat(FrameHeader.ofKeyFrame(inter)).isNull();
    assertThat(FrameHeader.isKeyFrame(hex("8a"))).isFalse(); // show_existing_frame

    Vp9Configuration config = Vp9Configuration.parse(HEX.parseHex("0015820202020000"));
    TrackFormat.Video format = config.toFormat(header);
    assertThat(format.width()).isEqualTo(640);
    assertThat(format.height()).isEqualTo(360);
    assertThat(format.colour()).isEqualTo(Colour.UNSPECIFIED);
    assertThat(Vp9Configuration.of(header, new Rational(30, 1)).toBytes())
        .isEqualTo(config.toBytes());
    assertThatThrownBy(
            () -> Vp9Configuration.parse(HEX.parseHex("0233a20910090000")).toFormat(header))
        .isInstanceOf(MediaFormatException.class);
  }

  @Test
  void levelsFollowSizeAndRate() {
    assertThat(Levels.of(1280, 720, new Rational(30, 1))).isEqualTo(31);
    assertThat(Levels.of(1280, 720, null)).isEqualTo(40);
    assertThat(Levels.of(1920, 1080, new Rational(60, 1))).isEqualTo(41);
    assertThat(Levels.of(3840, 2160, new Rational(60_000, 1001))).isEqualTo(51);
    assertThat(Levels.of(65_536, 65_536, null)).isEqualTo(62);
  }

  @Test
  void survivesHostileBytes() {
    HostileInput.feed(
        HEX.parseHex("010000000015820202020000"), bytes -> Vp9Configuration.parse(bytes).codecs());
    HostileInput.feed(
        HEX.parseHex("824983420027f0167608"),
        bytes -> {
          FrameHeader header = FrameHeader.ofKeyFrame(Unpooled.wrappedBuffer(bytes));
          if (header != null) {
            Vp9Configuration.of(header, null).toFormat(header);
          }
        });
  }
}
