package io.millrace.media.caption;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CaptionDataTest {
  /** CC1: resume caption loading twice, then "HI", with odd parity; and padding of field 2. */
  private static final byte[] POP_ON = hex("fc9420 fc9420 fcc849 fd8080");

  /** Three zero bytes in a row, which a NAL unit may not contain. */
  private static final byte[] ZEROS = hex("fc0000 fc0000 fc0000");

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  private static TrackFormat.Video format(VideoCodec codec, String configuration) {
    return new TrackFormat.Video(
        codec,
        "x",
        hex(configuration),
        640,
        360,
        Rational.ONE,
        new Rational(30, 1),
        Colour.UNSPECIFIED,
        0);
  }

  static final TrackFormat.Video H264 =
      format(
          VideoCodec.H264,
          "0142c01effe1001a6742c01ed900a02fea23011000000300100000030320f162e48001000568cb83cb20");
  static final TrackFormat.Video HEVC =
      format(
          VideoCodec.HEVC,
          "0101600000004000000000005af000fcfdf8f800000f04a00001001840010c01ffff01600000030040000003"
              + "000003005a959809a10001002b42010101600000030040000003000003005aa005a20090596566924caf"
              + "016868000003000800000300c840a2000100074401c172b4224027000100064e0181010f80");
  static final TrackFormat.Video AV1 = format(VideoCodec.AV1, "81050c000a0b00000004");

  @Test
  void aMessageIsReadAsItWasWritten() {
    byte[] message = CaptionData.toT35(POP_ON);
    assertThat(HexFormat.of().formatHex(message))
        .isEqualTo("b5003147413934" + "03" + "c4ff" + "fc9420fc9420fcc849fd8080" + "ff");
    assertThat(CaptionData.fromT35(message)).isEqualTo(POP_ON);
  }

  @Test
  void otherMessagesAndBrokenOnesHaveNone() {
    byte[] message = CaptionData.toT35(POP_ON);
    for (int size = 0; size < 10 + POP_ON.length; size++) {
      assertThat(CaptionData.fromT35(Arrays.copyOf(message, size))).isNull();
    }
    byte[] activeFormat = message.clone();
    activeFormat[6] = '1'; // DTG1
    assertThat(CaptionData.fromT35(activeFormat)).isNull();
    byte[] bars = message.clone();
    bars[7] = 6; // bar_data()
    assertThat(CaptionData.fromT35(bars)).isNull();
  }

  @Test
  void captionsGoInFrontOfThePictureInH264() {
    for (byte[] captions : List.of(POP_ON, ZEROS)) {
      // access unit delimiter, SPS, an SEI of the encoder's, a slice
      byte[] sample =
          hex("00000002 0910" + "00000004 67640020" + "00000002 0605" + "00000003 658880");
      ByteBuf out =
          CaptionWriter.intoH264(
              Unpooled.wrappedBuffer(sample), captions, ByteBufAllocator.DEFAULT);
      byte[] bytes = ByteBufUtil.getBytes(out);
      assertThat(bytes).startsWith(Arrays.copyOf(sample, 20)).endsWith(hex("00000003658880"));
      assertThat(HexFormat.of().formatHex(bytes, 24, bytes.length)).doesNotContain("000000" + "fc");
      assertThat(CaptionReader.of(H264).read(out)).isEqualTo(captions);
      out.release();
    }
  }

  @Test
  void captionsGoInFrontOfTheFrameInAv1() {
    byte[] sample = hex("0a02aabb" + "3202" + "1000" + "3202" + "1000");
    ByteBuf out =
        CaptionWriter.intoAv1(Unpooled.wrappedBuffer(sample), ZEROS, ByteBufAllocator.DEFAULT);
    byte[] bytes = ByteBufUtil.getBytes(out);
    assertThat(bytes).startsWith(hex("0a02aabb2a")).endsWith(hex("3202100032021000"));
    assertThat(CaptionReader.of(AV1).read(out)).isEqualTo(ZEROS);
    out.release();
  }

  /** A prefix SEI unit of two messages, and a slice. */
  @Test
  void captionsAreReadFromHevc() {
    byte[] message = CaptionData.toT35(POP_ON);
    String unit = "4e01" + "0101ff" + "0417" + HexFormat.of().formatHex(message) + "80";
    ByteBuf sample = Unpooled.wrappedBuffer(hex("0000001f" + unit + "00000003260180"));
    assertThat(message).hasSize(0x17);
    assertThat(CaptionReader.of(HEVC).read(sample)).isEqualTo(POP_ON);
  }

  @Test
  void aSampleWithoutThemHasNone() {
    ByteBuf sample = Unpooled.wrappedBuffer(hex("00000003658880"));
    assertThat(CaptionReader.of(H264).read(sample)).isNull();
    ByteBuf broken = Unpooled.wrappedBuffer(hex("00000040 0604"));
    assertThat(CaptionReader.of(H264).read(broken)).isNull();
  }

  @Test
  void ofTooManyPaddingGoesFirst() {
    byte[] padding = new byte[3 * 20];
    for (int i = 0; i < padding.length; i += 3) {
      padding[i] = (byte) 0xF8;
    }
    byte[] said =
        CaptionData.join(CaptionData.join(POP_ON, padding), CaptionData.join(padding, POP_ON));
    assertThat(said).isEqualTo(hex("fc9420 fc9420 fcc849 fc9420 fc9420 fcc849"));
    assertThat(CaptionData.join(null, POP_ON)).isSameAs(POP_ON);
    assertThat(CaptionData.join(POP_ON, null)).isSameAs(POP_ON);
  }

  @Test
  void servicesShowByWhatIsInThem() {
    CaptionScan scan = new CaptionScan();
    assertThat(scan.look(null)).isFalse();
    assertThat(scan.look(hex("fc8080 fd8080 f80000"))).isFalse();
    assertThat(scan.look(POP_ON)).isTrue();
    assertThat(scan.look(POP_ON)).isFalse();
    assertThat(scan.found()).isEqualTo(new CaptionServices(List.of(1), List.of()));
    assertThat(scan.look(hex("fd1d20"))).isTrue(); // field 2, second channel
    // a packet of 6 bytes in two pictures: service 2 with 3 bytes, then a null block
    assertThat(scan.look(hex("ff0343"))).isFalse();
    assertThat(scan.look(hex("fe4142 fe4300"))).isTrue();
    assertThat(scan.found()).isEqualTo(new CaptionServices(List.of(1, 4), List.of(2)));
    assertThat(scan.found()).hasToString("CC1 CC4 SERVICE2");
  }

  @Test
  void extendedServicesHaveTheirNumberInAByteOfItsOwn() {
    CaptionScan scan = new CaptionScan();
    assertThat(scan.look(hex("ff02e1 fe0941"))).isTrue();
    assertThat(scan.found().services()).containsExactly(9);
  }
}
