package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.StreamKey;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.RejectCode;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class StreamIdTest {
  @ParameterizedTest
  @FieldSource("io.millrace.transport.srt.StreamIdCases#GOOD")
  void namesAStreamAndAKey(String text) throws Exception {
    StreamId id = StreamId.parse(text);
    assertThat(id.stream()).isEqualTo(new StreamKey("live", "cam"));
    assertThat(id.query()).containsEntry("key", "KEY");
    assertThat(id.toString()).doesNotContain("KEY");
  }

  @Test
  void keyIsNotNeeded() throws Exception {
    assertThat(StreamId.parse("live/cam").query()).isEmpty();
    assertThat(StreamId.parse("#!::r=live/cam,u=bob").user()).isEqualTo("bob");
    assertThat(StreamId.parse("publish:live/cam?").query()).isEmpty();
    assertThat(StreamId.parse("#!::r=live/cam,s=a=b%20").query())
        .isEqualTo(Map.of("key", "a=b%20"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|1400",
        "cam|1400",
        "/cam|1400",
        "live/|1400",
        "live//cam|1400",
        "live/cam/x|1400",
        "live/../cam|1400",
        "../cam|1400",
        "live/.hidden|1400",
        "live/c am|1400",
        "live/c\u00e4m|1400",
        "#!|1400",
        "#!:|1400",
        "#!::|1400",
        "#!::m=publish|1400",
        "#!::r|1400",
        "#!::r=|1400",
        "#!::=x,r=live/cam|1400",
        "#!::r=live/cam,,|1400",
        "#!:{r=live/cam|1400",
        "#!:{r=live/cam,x={y=1}}|1400",
        "#!;r=live/cam|1400",
        "#!::r=live/cam,m=request|1405",
        "#!::r=live/cam,m=bidirectional|1405",
        "#!::r=live/cam,t=file|1415",
        "read:live/cam|1405",
        "request:live/cam?key=KEY|1405",
        ":live/cam|1405"
      })
  void whatNamesNoStreamIsRefused(String text, int code) {
    assertThatThrownBy(() -> StreamId.parse(text))
        .isInstanceOfSatisfying(
            HandshakeException.class, e -> assertThat(e.rejectCode()).isEqualTo(code));
  }

  @Test
  void anyTextIsAnsweredAndNoneEchoed() {
    String alphabet = "#!:{},=?&%/live.r=m=s=publish\u0000\n\u20ac";
    for (int seed = 0; seed < 20_000; seed++) {
      Random random = new Random(seed);
      StringBuilder text = new StringBuilder(random.nextBoolean() ? "#!::" : "");
      for (int i = random.nextInt(60); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      try {
        assertThat(StreamId.parse(text.toString()).stream().toString())
            .matches("[\\w.~-]+/[\\w.~-]+");
      } catch (HandshakeException e) {
        assertThat(e.rejectCode())
            .isIn(RejectCode.BAD_REQUEST, RejectCode.BAD_MODE, RejectCode.UNSUPPORTED_MEDIA);
        assertThat(e.getMessage()).matches("\\p{Print}+");
      }
    }
  }
}
