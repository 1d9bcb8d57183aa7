package io.millrace.loadtest.overload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class PredictionTest {
  @Test
  void readsAPlan() throws IOException {
    Prediction prediction =
        Prediction.parse(
            """
            {
              "machine" : { "cpu" : "a", "cores" : 2 },
              "ladders" : [ {
                "name" : "overload",
                "rungs" : [ { "name" : "720p", "cores" : 0.2 }, { "name" : "360p", "cores" : 0.05 } ],
                "decodeCores" : 0.03,
                "scaleCores" : 0.02,
                "cores" : 0.3,
                "shed" : [ { "pauses" : "720p", "cores" : 0.1 } ]
              } ]
            }
            and what a launcher may say after it
            """);
    assertThat(prediction.rungs()).containsOnlyKeys("720p", "360p").containsEntry("720p", 0.2);
    assertThat(prediction.cores()).isCloseTo(0.3, within(1e-9));
  }

  @Test
  void anUnknownCostIsAnError() {
    assertThatThrownBy(
            () ->
                Prediction.parse(
                    "{\"ladders\":[{\"rungs\":[{\"name\":\"hevc\",\"cores\":null}]}]}"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/ladders/0/rungs/0/cores");
  }
}
