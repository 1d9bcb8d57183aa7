package io.millrace.loadtest.overload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StepTest {
  private static String line(String message, String more) {
    return "{\"time\":\"1970-01-01T00:00:02.500Z\",\"level\":\"WARN\",\"message\":\""
        + message
        + "\",\"stream\":\"live/s1\""
        + more
        + ",\"reason\":\"late\"}";
  }

  @Test
  void readsTheLinesOfTheBudget() {
    assertThat(Step.parse(line("rung given up: overload", ",\"rung\":\"720p\"")))
        .isEqualTo(new Step(2_500, "live/s1", "720p", true, "rung given up: overload: late"));
    assertThat(Step.parse(line("rung taken back", ",\"rung\":\"720p\"")))
        .isEqualTo(new Step(2_500, "live/s1", "720p", false, "rung taken back: late"));
    assertThat(Step.parse(line("half the frame rate: overload", "")))
        .isEqualTo(
            new Step(2_500, "live/s1", "half-rate", true, "half the frame rate: overload: late"));
  }

  @Test
  void otherLinesAreNone() {
    assertThat(Step.parse(line("stream ended", ""))).isNull();
    assertThat(Step.parse("millrace: building")).isNull();
    assertThat(Step.parse("{\"time\":\"1970-01")).isNull();
  }
}
