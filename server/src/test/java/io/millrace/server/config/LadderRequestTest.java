package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LadderRequestTest {
  @Test
  void aNameIsAName() {
    assertThat(LadderRequest.read("{\"ladder\": \"cheap\"}"))
        .isEqualTo(new LadderRequest.Named("cheap"));
  }

  @Test
  void oneOfItsOwnSaysWhatItLeavesOpen() {
    LadderRequest read =
        LadderRequest.read("{\"part\":\"off\",\"video\":[{\"name\":\"s\",\"passthrough\":true}]}");
    assertThat(read)
        .isInstanceOfSatisfying(
            LadderRequest.Inline.class,
            inline -> {
              assertThat(inline.givesSegment()).isFalse();
              assertThat(inline.givesPart()).isTrue();
              assertThat(inline.ladder().part()).isEqualTo(Duration.ZERO);
              assertThat(inline.ladder().video())
                  .containsExactly(new LadderConfig.Video.Passthrough("s"));
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "[]                                    | is no JSON object with a ladder",
        "{\"ladder\":[\"a\"]}                  | ladder: is the name of a ladder",
        "{\"ladder\":\"a\",\"video\":[]}       | ladder: names a ladder, so nothing else is given",
        "{\"video\":[]}                        | video: is missing: a ladder has one rendition or more",
        "{\"video\":[{\"name\":\"a\"}]}        | video[0].codec: is missing",
        "{\"vide\":[]}                         | vide: unknown key; did you mean video?",
        "{\"video\":                           | not YAML",
      })
  void whatIsWrongIsSaidOfItsField(String body, String problem) {
    assertThatThrownBy(() -> LadderRequest.read(body))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(problem);
  }
}
