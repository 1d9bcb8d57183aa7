package io.millrace.loadtest.overload;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code millrace plan} expects a stream to take, in cores.
 *
 * @param rungs by name
 * @param sourceCores decoding and scaling
 */
record Prediction(Map<String, Double> rungs, double sourceCores) {
  /** The launcher may have to build, and then the machine is calibrated. */
  private static final Duration LIMIT = Duration.ofMinutes(6);

  Prediction {
    rungs = new LinkedHashMap<>(rungs);
  }

  double cores() {
    return sourceCores + rungs.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /**
   * Calibrates the machine into the data directory of a configuration, and asks.
   *
   * @param launcher the program, in words, without a sub-command
   * @param source {@code 1280x720@30}
   */
  static Prediction ask(List<String> launcher, Path config, String source)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(List.of("plan", "--config", config.toString(), "--source", source, "--json"));
    String text = ManagedProcess.output(LIMIT, Path.of("").toAbsolutePath(), command);
    int begin = text.startsWith("{\n") ? 0 : text.indexOf("\n{\n") + 1;
    return parse(text.substring(begin));
  }

  /** Reads what {@code plan --json} writes of the first ladder. */
  static Prediction parse(String json) throws IOException {
    Map<String, String> values = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isScalarValue()) {
          values.put(parser.getParsingContext().pathAsPointer().toString(), parser.getText());
        }
        if (token == JsonToken.END_OBJECT && parser.getParsingContext().inRoot()) {
          break;
        }
      }
    }
    Map<String, Double> rungs = new LinkedHashMap<>();
    for (int i = 0; values.containsKey("/ladders/0/rungs/" + i + "/name"); i++) {
      rungs.put(
          values.get("/ladders/0/rungs/" + i + "/name"),
          number(values, "/ladders/0/rungs/" + i + "/cores"));
    }
    return new Prediction(
        rungs, number(values, "/ladders/0/decodeCores") + number(values, "/ladders/0/scaleCores"));
  }

  private static double number(Map<String, String> values, String pointer) throws IOException {
    String value = values.get(pointer);
    if (value == null || value.equals("null")) {
      throw new IOException("the plan lacks " + pointer);
    }
    return Double.parseDouble(value);
  }
}
