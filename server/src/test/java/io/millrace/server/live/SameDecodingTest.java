package io.millrace.server.live;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SameDecodingTest {
  private static TrackFormat.Audio aac(String configuration) {
    return new TrackFormat.Audio(
        AudioCodec.AAC, "mp4a.40.2", HexFormat.of().parseHex(configuration), 48_000, 2, 1024);
  }

  private static TrackFormat.Video video(String configuration, @Nullable Rational rate) {
    return new TrackFormat.Video(
        VideoCodec.H264,
        "avc1.64001f",
        HexFormat.of().parseHex(configuration),
        1280,
        720,
        Rational.ONE,
        rate,
        Colour.UNSPECIFIED,
        0);
  }

  @Test
  void thatThereIsNoSbrIsNoNews() {
    assertThat(SameDecoding.of(aac("119056e500"), aac("1190"))).isTrue();
    assertThat(SameDecoding.of(aac("1190"), aac("119056e500"))).isTrue();
    assertThat(SameDecoding.of(aac("1190"), aac("119056e580"))).as("SBR present").isFalse();
    assertThat(SameDecoding.of(aac("1190"), aac("1210"))).isFalse();
  }

  @Test
  void noDecoderMindsTheLanguage() {
    TrackFormat.Audio german = aac("1190").withLanguage("de");
    assertThat(german).isNotEqualTo(aac("1190"));
    assertThat(SameDecoding.of(aac("1190"), german)).isTrue();
    assertThat(SameDecoding.of(german, aac("119056e500"))).isTrue();
  }

  @Test
  void aFrameRateThatIsNotSaidIsNoNews() {
    Rational rate = new Rational(30, 1);
    assertThat(SameDecoding.of(video("01", rate), video("01", null))).isTrue();
    assertThat(SameDecoding.of(video("01", null), video("01", rate))).isTrue();
    assertThat(SameDecoding.of(video("01", rate), video("01", new Rational(60, 1)))).isFalse();
    assertThat(SameDecoding.of(video("01", rate), video("02", rate))).isFalse();
    assertThat(SameDecoding.of(video("01", rate), aac("1190"))).isFalse();
  }
}
