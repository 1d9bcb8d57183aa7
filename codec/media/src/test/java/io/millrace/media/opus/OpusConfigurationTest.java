package io.millrace.media.opus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpusConfigurationTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final byte[] STEREO = HEX.parseHex("4f707573486561640102380180bb0000000000");
  private static final byte[] SURROUND =
      HEX.parseHex("4f707573486561640106380180bb00000000010402000401020305");

  @Test
  void headAndBoxSayTheSame() {
    OpusConfiguration config = OpusConfiguration.parseHead(STEREO);
    assertThat(config.preSkipSamples()).isEqualTo(312);
    assertThat(HEX.formatHex(config.toBytes())).isEqualTo("000201380000bb80000000");
    assertThat(OpusConfiguration.parse(config.toBytes())).isEqualTo(config);
    assertThat(config.toHead()).isEqualTo(STEREO);
    TrackFormat.Audio format = config.toFormat();
    assertThat(format.sampleRate()).isEqualTo(48_000);
    assertThat(format.channels()).isEqualTo(2);
  }

  @Test
  void surroundKeepsItsMapping() {
    OpusConfiguration config = OpusConfiguration.parseHead(SURROUND);
    assertThat(config.channels()).isEqualTo(6);
    assertThat(config.toHead()).isEqualTo(SURROUND);
    assertThat(OpusConfiguration.parse(config.toBytes())).isEqualTo(config);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "4f70757348656164",
        "4f707573486561641102380180bb0000000000",
        "4f707573486561640100380180bb0000000000",
        "4f707573486561640103380180bb0000000000",
        "4f707573486561640106380180bb000000000104"
      })
  void malformedHeads(String hex) {
    assertThatThrownBy(() -> OpusConfiguration.parseHead(HEX.parseHex(hex)))
        .isInstanceOf(MediaFormatException.class);
  }

  @Test
  void survivesHostileBytes() {
    HostileInput.feed(STEREO, bytes -> OpusConfiguration.parseHead(bytes).toFormat());
    HostileInput.feed(SURROUND, bytes -> OpusConfiguration.parseHead(bytes).toFormat());
    HostileInput.feed(OpusConfiguration.parseHead(SURROUND).toBytes(), OpusConfiguration::parse);
  }

  @Test
  void configurationOfASenderThatGivesNone() {
    OpusConfiguration config = OpusConfiguration.ofChannels(2);
    assertThat(OpusConfiguration.parse(config.toBytes())).isEqualTo(config);
    assertThat(config.toFormat().channels()).isEqualTo(2);
    assertThat(config.preSkipSamples()).isZero();
    assertThatThrownBy(() -> OpusConfiguration.ofChannels(6))
        .isInstanceOf(MediaFormatException.class);
  }

  /** RFC 6716 Table 2. */
  @ParameterizedTest
  @CsvSource({
    "00, 480",
    "18, 2880",
    "19, 5760",
    "60, 480",
    "68, 960",
    "80, 120",
    "fc, 960",
    "fd, 1920",
    "fb06, 5760",
    "8330, 5760",
    "1b02, 5760"
  })
  void samplesOfAPacket(String packet, int samples) {
    assertThat(OpusPackets.samples(Unpooled.wrappedBuffer(HexFormat.of().parseHex(packet))))
        .isEqualTo(samples);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ff", "ff00", "ff07", "1b03"})
  void packetsWithoutSoundOrOver120MsAreMalformed(String packet) {
    assertThatThrownBy(
            () -> OpusPackets.samples(Unpooled.wrappedBuffer(HexFormat.of().parseHex(packet))))
        .isInstanceOf(MediaFormatException.class);
  }
}
