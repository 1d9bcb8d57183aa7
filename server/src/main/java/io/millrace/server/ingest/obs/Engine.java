package io.millrace.server.ingest.obs;

import io.millrace.media.VideoCodec;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The encoders of OBS, by what they run on: their names, and the settings that they read
 * (obs-studio, {@code plugins/obs-nvenc}, {@code obs-qsv11}, {@code obs-ffmpeg}, {@code
 * mac-videotoolbox}, {@code obs-x264}). OBS refuses a configuration that names an encoder it lacks,
 * so that a name is only given where the machine is known to have it.
 */
enum Engine {
  /** NVIDIA. Under another name before OBS 31. */
  NVENC("obs_nvenc_h264_tex", "obs_nvenc_av1_tex", "RTX (PRO )?[4-9]\\d{3}"),
  /** AMD on Windows. */
  AMF("h264_texture_amf", "av1_texture_amf", "RX [79]\\d{3}"),
  /** Intel on Windows. */
  QUICK_SYNC("obs_qsv11_v2", "obs_qsv11_av1", "Arc"),
  /** AMD and Intel on Linux. */
  VAAPI("ffmpeg_vaapi_tex", "av1_ffmpeg_vaapi_tex", "RX [79]\\d{3}|Arc"),
  /** Apple. */
  VIDEO_TOOLBOX("com.apple.videotoolbox.videoencoder.ave.avc", null, null),
  /** The CPU. */
  X264("obs_x264", null, null);

  private static final int NVIDIA = 0x10DE;
  private static final int AMD = 0x1002;
  private static final int INTEL = 0x8086;
  private static final int APPLE = 0x106B;
  private static final int NEW_NVENC_SINCE = 31;

  private final String h264;
  private final @Nullable String av1;
  private final @Nullable Pattern av1Models;

  Engine(String h264, @Nullable String av1, @Nullable String av1Models) {
    this.h264 = h264;
    this.av1 = av1;
    this.av1Models = av1Models == null ? null : Pattern.compile(av1Models);
  }

  /** What the machine's own GPU encodes with; {@link #X264} where that is not known. */
  static Engine of(ClientDescription client) {
    boolean windows = client.system().toLowerCase(Locale.ROOT).startsWith("windows");
    return switch (client.gpuVendorId()) {
      case NVIDIA -> NVENC;
      case AMD -> windows ? AMF : VAAPI;
      case INTEL -> windows ? QUICK_SYNC : VAAPI;
      case APPLE -> VIDEO_TOOLBOX;
      default -> X264;
    };
  }

  /** OBS's name of the encoder; null where this machine has none for the codec. */
  @Nullable String encoder(VideoCodec codec, ClientDescription client) {
    return switch (codec) {
      case H264 -> this == NVENC && client.obsMajor() < NEW_NVENC_SINCE ? "jim_nvenc" : h264;
      case AV1 -> encodesAv1(client) ? av1 : null;
      case HEVC, VP9 -> null;
    };
  }

  private boolean encodesAv1(ClientDescription client) {
    boolean named = this != NVENC || client.obsMajor() >= NEW_NVENC_SINCE;
    return named
        && av1Models != null
        && client.codecs().contains("av1")
        && av1Models.matcher(client.gpuModel()).find();
  }

  /**
   * The encoder's settings: constant bit rate, a key frame every {@code keyintSeconds} and nowhere
   * else, so that all tracks have theirs at the same pictures.
   */
  Map<String, Object> settings(
      VideoCodec codec, ClientDescription client, long kbps, int keyintSeconds) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("rate_control", "CBR");
    settings.put("bitrate", kbps);
    settings.put("keyint_sec", keyintSeconds);
    boolean h264Codec = codec == VideoCodec.H264;
    settings.put("profile", h264Codec ? "high" : "main");
    switch (this) {
      case NVENC -> {
        settings.put(client.obsMajor() < NEW_NVENC_SINCE ? "preset2" : "preset", "p5");
        settings.put("tune", "hq");
        settings.put("multipass", "qres");
        settings.put("lookahead", false);
        settings.put("bf", h264Codec ? 2 : 0);
      }
      case AMF -> {
        settings.put("preset", "quality");
        settings.put("bf", 0);
      }
      case QUICK_SYNC -> {
        settings.put("target_usage", "TU4");
        settings.put("latency", "normal");
        settings.put("bframes", h264Codec ? 2 : 0);
      }
      case VAAPI -> settings.put("bf", 0);
      case VIDEO_TOOLBOX -> settings.put("bframes", true);
      case X264 -> {
        settings.put("preset", "veryfast");
        settings.put("bf", 2);
        settings.put("x264opts", "scenecut=0");
      }
    }
    return settings;
  }
}
