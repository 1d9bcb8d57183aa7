package io.millrace.loadtest.bench;

import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.media.VideoCodec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One {@code ffmpeg} command that makes a whole ladder: one decoder, a {@code split}, a scaler per
 * size, an encoder per rung; coded pictures go to the null muxer. Encoders, presets, rates and key
 * frames are those of Millrace's fast profile.
 *
 * @param sameThreads true for Millrace's threads: one in the decoder, the filters and each encoder;
 *     false for FFmpeg's own choice
 */
record FfmpegLadder(Path program, boolean sameThreads) {

  /** The command for {@code clip}. */
  List<String> command(LadderPlan plan, Path clip) {
    List<String> command = new ArrayList<>(List.of(program.toString(), "-nostdin", "-hide_banner"));
    if (sameThreads) {
      command.addAll(List.of("-threads", "1", "-filter_complex_threads", "1"));
    }
    command.addAll(List.of("-i", clip.toString(), "-filter_complex", filters(plan)));
    for (int i = 0; i < plan.rungs().size(); i++) {
      command.addAll(List.of("-map", "[r" + i + "]", "-fps_mode", "passthrough"));
      command.addAll(encoder(plan.rungs().get(i)));
      command.addAll(List.of("-force_key_frames", "source", "-g", "1000000"));
      command.addAll(List.of("-f", "null", "-"));
    }
    return command;
  }

  /** {@code split} once, scale each size once, and split that again where two rungs share it. */
  private static String filters(LadderPlan plan) {
    Map<String, List<String>> labelsBySize = new LinkedHashMap<>();
    for (int i = 0; i < plan.rungs().size(); i++) {
      PlannedRung rung = plan.rungs().get(i);
      labelsBySize
          .computeIfAbsent(rung.width() + ":" + rung.height(), _ -> new ArrayList<>())
          .add("[r" + i + "]");
    }
    String sourceSize = plan.source().width() + ":" + plan.source().height();
    StringBuilder graph = new StringBuilder("[0:v]split=" + labelsBySize.size());
    for (int i = 0; i < labelsBySize.size(); i++) {
      graph.append("[s").append(i).append(']');
    }
    int index = 0;
    for (Map.Entry<String, List<String>> size : labelsBySize.entrySet()) {
      String scale = size.getKey().equals(sourceSize) ? "" : "scale=" + size.getKey() + ",";
      List<String> labels = size.getValue();
      graph.append(";[s").append(index++).append(']').append(scale);
      graph.append("split=").append(labels.size()).append(String.join("", labels));
    }
    return graph.toString();
  }

  private List<String> encoder(PlannedRung planned) {
    String rate = Long.toString(planned.rung().bitrateBps());
    List<String> options = new ArrayList<>();
    if (planned.rung().codec() == VideoCodec.AV1) {
      String structure = "scd=0:pred-struct=1:rtc=1";
      options.addAll(List.of("-c:v", "libsvtav1", "-preset", planned.rung().preset()));
      options.addAll(List.of("-svtav1-params", (sameThreads ? "lp=1:" : "") + structure));
    } else {
      options.addAll(List.of("-c:v", "libx264", "-preset", planned.rung().preset()));
      options.addAll(List.of("-tune", "zerolatency", "-sc_threshold", "0", "-forced-idr", "1"));
      if (sameThreads) {
        options.addAll(List.of("-x264-params", "sliced-threads=0:sync-lookahead=0"));
      }
    }
    if (sameThreads) {
      options.addAll(List.of("-threads", "1"));
    }
    options.addAll(List.of("-b:v", rate, "-maxrate", rate, "-bufsize", rate));
    return options;
  }
}
