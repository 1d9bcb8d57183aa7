package io.millrace.loadtest.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.loadtest.bench.PassthroughRun.Result;
import io.millrace.loadtest.bench.PassthroughRun.Timing;
import io.millrace.loadtest.bench.PassthroughRun.Window;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportTest {
  private static final Timing TIMING =
      new Timing(Duration.ofSeconds(20), Duration.ofSeconds(120), Duration.ofSeconds(60));

  @Test
  void medianIsTheMiddleOrTheMeanOfTheMiddleTwo() {
    assertThat(Median.of(List.of(9, 1, 2))).isEqualTo(2);
    assertThat(Median.of(List.of(1.0, 8.0, 2.0, 3.0))).isEqualTo(2.5);
    assertThatThrownBy(() -> Median.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tableEscapesBarsAndRefusesShortRows() {
    MarkdownTable table = new MarkdownTable("a", "b").row("x|y", "1");

    assertThat(table).hasToString("| a | b |\n|---|--:|\n| x\\|y | 1 |\n");
    assertThatThrownBy(() -> table.row("x")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void ratioIsTheMedianOfTheRoundsRatiosNotTheRatioOfMedians() {
    List<Result> results =
        List.of(
            result("a", 0.2, 0.1),
            result("b", 0.4, 0.4),
            result("a", 0.9, 0.3),
            result("b", 0.3, 0.3),
            result("a", 0.3, 0.2),
            result("b", 1.0, 0.4));

    String text = new PassthroughReport(List.of("a", "b"), List.of(1), TIMING, results).markdown();

    assertThat(text.lines())
        .contains(
            "| a | 1 | 0.30 | 0.20 | 0.50 | 0.50 | 2 | 1.50 |",
            "| b | 1 | 0.40 | 0.40 | 1.00 | 1.00 | 2 | 1.50 |",
            "| a | 1 | 20–80 s | 0.200 | 1.0 | 2.50 | 50 % | 1.50 | 0 |",
            "| b | 1 | 120–180 s | 0.400 | 2.0 | 2.50 | 50 % | 1.50 | 0 |");
  }

  @Test
  void lateWindowMustNotOverlapTheEarlyOne() {
    assertThatThrownBy(
            () ->
                new Timing(Duration.ofSeconds(20), Duration.ofSeconds(79), Duration.ofSeconds(60)))
        .hasMessageContaining("late window");
  }

  @Test
  void portsAreTheNumbersOfTheFile() throws IOException {
    String json = "{\"rtmp\": 41935, \"listen.rtmp\": \"127.0.0.1:41935\", \"http\": 48080}";

    assertThat(MillraceServer.ports(json.getBytes(UTF_8)))
        .isEqualTo(Map.of("rtmp", 41_935, "http", 48_080));
  }

  private static Result result(String server, double earlyCpuS, double lateCpuS) {
    return new Result(
        server,
        1,
        List.of(
            new Window(earlyCpuS, 1_000_000 / 1_024, 2.5e6, 0.5),
            new Window(lateCpuS, 2_000_000 / 1_024, 2.5e6, 0.5)),
        1.5,
        0);
  }
}
