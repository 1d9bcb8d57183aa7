package io.millrace.server.origin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.origin.ClipRoutes.Span;
import io.millrace.transport.http.QueryParameters;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClipRoutesTest {
  private static QueryParameters query(String... pairs) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      values.put(pairs[i], List.of(pairs[i + 1]));
    }
    return new QueryParameters(values);
  }

  @Test
  void timesAreDatesOrUnixTime() {
    Instant start = Instant.parse("2026-11-28T16:00:00Z");
    for (String text :
        List.of(
            "2026-11-28T16:00:00Z",
            "2026-11-28T17:00:00+01:00",
            "2026-11-28T17:00:00 01:00",
            "" + start.getEpochSecond())) {
      assertThat(ClipRoutes.span(query("start", text))).isEqualTo(new Span(start, null));
    }
    assertThat(ClipRoutes.span(query("end", start.getEpochSecond() + ".25")))
        .isEqualTo(new Span(null, start.plusMillis(250)));
  }

  @Test
  void theQueryOfAddressesIsAlwaysTheSameForTheSamePiece() {
    Span span = ClipRoutes.span(query("end", "1796000001.5", "token", "x", "start", "1796000000"));
    assertThat(span.query()).isEqualTo("?start=2026-11-30T00:53:20Z&end=2026-11-30T00:53:21.500Z");
    assertThat(ClipRoutes.span(query("start", "1796000000")).query())
        .isEqualTo("?start=2026-11-30T00:53:20Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "yesterday", "-1", "2026-11-28", "999999999999", "1e9"})
  void whatIsNoTimeIsSaid(String text) {
    assertThatThrownBy(() -> ClipRoutes.span(query("start", text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("start is neither a date such as");
  }

  @Test
  void anEndIsBehindItsStart() {
    assertThatThrownBy(() -> ClipRoutes.span(query("start", "200", "end", "200")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("end is not behind start");
  }
}
