package io.millrace.loadtest.overload;

import java.nio.file.Path;
import java.util.List;

/** The server's configuration, with the ladder that every stream has. */
final class Ladder {
  /** What may be given up, the first one first; faster presets and half the rate come behind. */
  static final List<String> SHED = List.of("av1-720p", "av1-360p", "720p");

  static final List<String> RUNGS = List.of("720p", "360p", "av1-720p", "av1-360p");

  /** What nobody may notice anything of: passed through, and a rung that no list names. */
  static final List<String> SURVIVORS = List.of("source", "audio", "360p");

  /** What is given up last. */
  static final String LAST = SHED.getLast();

  static final int CPU_PERCENT = 80;

  private Ladder() {}

  static String config(Path data) {
    return """
    log:
      format: json
    listen:
      rtmp: "127.0.0.1:0"
      rtmps: "off"
      srt: "off"
      https: "127.0.0.1:0"
      http: "127.0.0.1:0"
      admin: "127.0.0.1:0"
    data:
      dir: "%s"
    streams:
      "live/*":
        ladder: overload
    ladders:
      overload:
        segment: 2s
        audio:
          - { passthrough: true }
        video:
          - { name: source, passthrough: true }
          - { name: 720p, codec: h264, height: 720, bitrate: 2000k, profile: fast }
          - { name: 360p, codec: h264, height: 360, bitrate: 700k, profile: fast }
          - { name: av1-720p, codec: av1, height: 720, bitrate: 1500k, profile: fast }
          - { name: av1-360p, codec: av1, height: 360, bitrate: 400k, profile: fast }
        budget: { cpu: %d%%, shed: [ %s ] }
    """
        .formatted(data, CPU_PERCENT, String.join(", ", SHED));
  }
}
