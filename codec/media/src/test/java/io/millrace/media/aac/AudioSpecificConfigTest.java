package io.millrace.media.aac;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.AudioCodec;
import io.millrace.media.HostileInput;
import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AudioSpecificConfigTest {
  private static final HexFormat HEX = HexFormat.of();

  /** Configurations of FFmpeg's encoder, phones, Nero and FDK; the last ones built by the table. */
  @ParameterizedTest
  @CsvSource({
    "1190,           48000, 2, 1024, mp4a.40.2,  UNSIGNALLED",
    "1210,           44100, 2, 1024, mp4a.40.2,  UNSIGNALLED",
    "119056e500,     48000, 2, 1024, mp4a.40.2,  ABSENT",
    "138856e500,     22050, 1, 1024, mp4a.40.2,  ABSENT",
    "11b056e500,     48000, 6, 1024, mp4a.40.2,  ABSENT",
    "103856e500,     96000, 8, 1024, mp4a.40.2,  ABSENT",
    "161056e500,      7350, 2, 1024, mp4a.40.2,  ABSENT",
    "2b920800,       44100, 2, 2048, mp4a.40.5,  HIERARCHICAL",
    "eb8a0800,       44100, 2, 2048, mp4a.40.29, HIERARCHICAL",
    "139056e5a0,     44100, 2, 2048, mp4a.40.5,  BACKWARD_COMPATIBLE",
    "138856e5a54880, 44100, 2, 2048, mp4a.40.29, BACKWARD_COMPATIBLE",
    "1194,           48000, 2,  960, mp4a.40.2,  UNSIGNALLED",
    "1780566a10,     44244, 2, 1024, mp4a.40.2,  UNSIGNALLED",
    "11d8,           48000, 7, 1024, mp4a.40.2,  UNSIGNALLED",
    "11e0,           48000, 8, 1024, mp4a.40.2,  UNSIGNALLED"
  })
  void readsAndWrites(
      String hex, int rate, int channels, int samples, String codecs, AudioSpecificConfig.Sbr sbr) {
    byte[] bytes = HEX.parseHex(hex);
    AudioSpecificConfig config = AudioSpecificConfig.parse(bytes);
    TrackFormat.Audio format = config.toFormat();

    assertThat(format.codec()).isEqualTo(AudioCodec.AAC);
    assertThat(format.sampleRate()).isEqualTo(rate);
    assertThat(format.channels()).isEqualTo(channels);
    assertThat(format.samplesPerFrame()).isEqualTo(samples);
    assertThat(format.codecs()).isEqualTo(codecs);
    assertThat(config.sbr()).isEqualTo(sbr);
    assertThat(HEX.formatHex(config.toBytes())).isEqualTo(hex);
    assertThat(format.configuration()).isEqualTo(bytes);
  }

  @Test
  void bytesBehindTheConfigurationAreDropped() {
    byte[] padded = HEX.parseHex("12100000000000000000000000000000");
    assertThat(HEX.formatHex(AudioSpecificConfig.parse(padded).toBytes())).isEqualTo("1210");
  }

  @ParameterizedTest
  @CsvSource({
    "0a10, (AAC Main)",
    "2210, (AAC LTP)",
    "f95010, (xHE-AAC)",
    "1180, program_config_element",
    "11c8, channelConfiguration 9",
    "1192, core coder"
  })
  void refusesWithTheFeatureNamed(String hex, String named) {
    assertThatThrownBy(() -> AudioSpecificConfig.parse(HEX.parseHex(hex)))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.UNSUPPORTED))
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @CsvSource({"''", "12", "1690", "1191", "1780000010", "2b8a8800"})
  void malformedOnes(String hex) {
    assertThatThrownBy(() -> AudioSpecificConfig.parse(HEX.parseHex(hex)))
        .isInstanceOfSatisfying(
            MediaFormatException.class,
            e -> assertThat(e.kind()).isEqualTo(MediaFormatException.Kind.MALFORMED));
  }

  @Test
  void survivesHostileBytes() {
    for (String seed : new String[] {"119056e500", "138856e5a54880", "eb8a0800", "1780566a10"}) {
      HostileInput.feed(
          HEX.parseHex(seed),
          bytes -> {
            AudioSpecificConfig config = AudioSpecificConfig.parse(bytes);
            assertThat(config.toFormat().samplesPerFrame()).isBetween(960, 2048);
            assertThat(AudioSpecificConfig.parse(config.toBytes())).isEqualTo(config);
          });
    }
  }

  @Test
  void adtsHeaderGoesBothWays() {
    AudioSpecificConfig config = AudioSpecificConfig.lc(44_100, 2);
    ByteBuf out = Unpooled.buffer();
    AdtsHeader.of(config, 363).write(out);
    // FFmpeg's ADTS muxer: ff f1 50 80 2e 5f fc for 44.1 kHz stereo, 370 bytes
    assertThat(HEX.formatHex(out.array(), 0, 7)).isEqualTo("fff150802e5ffc");
    AdtsHeader header = AdtsHeader.parse(out, 0);
    assertThat(header.payloadSizeBytes()).isEqualTo(363);
    assertThat(header.headerSizeBytes()).isEqualTo(7);
    assertThat(header.toConfiguration()).isEqualTo(config);
  }

  @Test
  void adtsWithCrcHasNineBytes() {
    AdtsHeader header =
        AdtsHeader.parse(Unpooled.wrappedBuffer(HEX.parseHex("fff94c8001bffc0000")), 0);
    assertThat(header.crc()).isFalse();
    assertThat(header.mpeg2()).isTrue();
    assertThat(header.sampleRate()).isEqualTo(48_000);
    AdtsHeader protectedFrame =
        AdtsHeader.parse(Unpooled.wrappedBuffer(HEX.parseHex("fff04c8001bffc0000")), 0);
    assertThat(protectedFrame.crc()).isTrue();
    assertThat(protectedFrame.payloadSizeBytes()).isEqualTo(4);
  }

  @Test
  void adtsSurvivesHostileBytes() {
    HostileInput.feed(
        HEX.parseHex("fff150802e5ffc"),
        bytes -> AdtsHeader.parse(Unpooled.wrappedBuffer(bytes), 0));
  }
}
