package io.millrace.loadtest.overload;

import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the server's /metrics say at one moment.
 *
 * @param atMs since the epoch
 * @param encoders by stream and rendition, with a blank between
 * @param workerCpuS CPU time of each stream's workers
 * @param predictedDecoderCores what each stream is expected to take beside its encoders
 * @param stepsShed what is given up
 * @param ingestBytes what waits in the kernel between publishers and the server
 */
record Sample(
    long atMs,
    Map<String, Encoder> encoders,
    Map<String, Double> workerCpuS,
    Map<String, Double> predictedDecoderCores,
    int stepsShed,
    long ingestBytes) {
  private static final Pattern LINE =
      Pattern.compile("millrace_(encoder|decoder|worker)_([a-z_]+)\\{([^}]*)} (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-z]+)=\"([^\"]*)\"");
  private static final String STEPS = "millrace_encoding_steps_shed ";

  /**
   * One rung.
   *
   * @param cores as the server has measured it
   * @param predictedCores below 0 where the server does not say
   */
  record Encoder(
      boolean paused,
      boolean halfRate,
      double cpuS,
      double cores,
      double predictedCores,
      long frames,
      long dropped) {}

  Sample {
    encoders = Map.copyOf(encoders);
    workerCpuS = Map.copyOf(workerCpuS);
    predictedDecoderCores = Map.copyOf(predictedDecoderCores);
  }

  static Sample parse(String metrics, long atMs, long ingestBytes) {
    Map<String, Map<String, Double>> rungs = new TreeMap<>();
    Map<String, Double> workers = new TreeMap<>();
    Map<String, Double> decoders = new TreeMap<>();
    int steps = 0;
    for (String line : metrics.lines().filter(each -> !each.startsWith("#")).toList()) {
      Matcher matcher = LINE.matcher(line);
      if (line.startsWith(STEPS)) {
        steps = (int) Double.parseDouble(line.substring(STEPS.length()));
      } else if (matcher.matches()) {
        double value = Double.parseDouble(matcher.group(4));
        String stream = label(matcher.group(3), "stream");
        if (matcher.group(1).equals("encoder")) {
          rungs
              .computeIfAbsent(
                  stream + " " + label(matcher.group(3), "rendition"), _ -> new TreeMap<>())
              .put(matcher.group(2), value);
        } else if (matcher.group(1).equals("decoder")) {
          if (matcher.group(2).equals("predicted_cpu_cores")) {
            decoders.put(stream, value);
          }
        } else if (matcher.group(2).equals("cpu_seconds_total")) {
          workers.put(stream, value);
        }
      }
    }
    Map<String, Encoder> encoders = new TreeMap<>();
    rungs.forEach((name, values) -> encoders.put(name, encoder(values)));
    return new Sample(atMs, encoders, workers, decoders, steps, ingestBytes);
  }

  private static String label(String labels, String name) {
    Matcher matcher = LABEL.matcher(labels);
    while (matcher.find()) {
      if (matcher.group(1).equals(name)) {
        return matcher.group(2);
      }
    }
    return "";
  }

  private static Encoder encoder(Map<String, Double> values) {
    return new Encoder(
        values.getOrDefault("paused", 0.0) > 0,
        values.getOrDefault("half_rate", 0.0) > 0,
        values.getOrDefault("cpu_seconds_total", 0.0),
        values.getOrDefault("cpu_cores", 0.0),
        values.getOrDefault("predicted_cpu_cores", -1.0),
        Math.round(values.getOrDefault("frames_total", 0.0)),
        Math.round(values.getOrDefault("frames_dropped_total", 0.0)));
  }

  /** Whether a stream's encoders are known. */
  boolean encodes(String stream) {
    return encoders.keySet().stream().anyMatch(name -> name.startsWith(stream + " "));
  }
}
