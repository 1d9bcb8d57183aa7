package io.millrace.codec;

import io.millrace.media.VideoCodec;
import java.util.Set;

/** The libraries and devices that a rung may be encoded by, and what each of them can do. */
public enum Engine {
  /** What comes first for the codec: x264, SVT-AV1, x265, libvpx. */
  AUTO("auto", Speeds.NONE, false, 0, -1, -1, Set.of()),
  X264("x264", Speeds.NAMES, false, 16, 51, 23, Tunes.USUAL, VideoCodec.H264),
  OPENH264("openh264", Speeds.NONE, false, 0, -1, -1, Set.of(), VideoCodec.H264),
  X265("x265", Speeds.NAMES, false, 16, 51, 26, Tunes.USUAL, VideoCodec.HEVC),
  SVT_AV1("svt-av1", Speeds.TO_13, false, 15, 63, 35, Set.of(Tune.values()), VideoCodec.AV1),
  LIBAOM("libaom", Speeds.TO_8, false, 0, 63, 35, Tunes.USUAL, VideoCodec.AV1),
  LIBVPX("libvpx", Speeds.TO_8, false, 0, 63, 33, Tunes.USUAL, VideoCodec.VP9),
  /** An NVIDIA GPU. */
  NVENC(
      "nvenc",
      Speeds.P1_TO_P7,
      true,
      4,
      -1,
      -1,
      Set.of(Tune.LOW_DELAY),
      VideoCodec.H264,
      VideoCodec.HEVC,
      VideoCodec.AV1),
  /** An Intel GPU, by oneVPL. */
  QSV(
      "qsv",
      Speeds.NAMES,
      true,
      4,
      -1,
      -1,
      Set.of(Tune.LOW_DELAY),
      VideoCodec.H264,
      VideoCodec.HEVC,
      VideoCodec.VP9),
  /** An Intel or AMD GPU, by libva. */
  VAAPI(
      "vaapi",
      Speeds.NONE,
      true,
      4,
      -1,
      -1,
      Set.of(Tune.LOW_DELAY),
      VideoCodec.H264,
      VideoCodec.HEVC,
      VideoCodec.VP9,
      VideoCodec.AV1),
  /** A codec of the kernel, as on small boards. */
  V4L2M2M(
      "v4l2m2m",
      Speeds.NONE,
      true,
      0,
      -1,
      -1,
      Set.of(Tune.LOW_DELAY),
      VideoCodec.H264,
      VideoCodec.HEVC);

  /** What most software knows. */
  private static final class Tunes {
    static final Set<Tune> USUAL = Set.of(Tune.FILM_GRAIN, Tune.SCREEN, Tune.LOW_DELAY);
  }

  /** How the presets of an engine are called. */
  private enum Speeds {
    NONE("no presets", ""),
    NAMES(
        "one of ultrafast, superfast, veryfast, faster, fast, medium, slow, slower, veryslow",
        "ultrafast|superfast|veryfast|faster|fast|medium|slow|slower|veryslow"),
    TO_8("0 (slowest) to 8 (fastest)", "[0-8]"),
    TO_13("0 (slowest) to 13 (fastest)", "[0-9]|1[0-3]"),
    P1_TO_P7("p1 (fastest) to p7 (slowest)", "p[1-7]");

    private final String rule;
    private final String regex;

    Speeds(String rule, String regex) {
      this.rule = rule;
      this.regex = regex;
    }
  }

  /** Stands where an engine has no presets. */
  public static final String NO_PRESET = "none";

  private final String word;
  private final Speeds speeds;
  private final boolean hardware;
  private final int maxBFrames;
  private final int maxCrf;
  private final int usualCrf;
  private final Set<Tune> tunes;
  private final Set<VideoCodec> codecs;

  Engine(
      String word,
      Speeds speeds,
      boolean hardware,
      int maxBFrames,
      int maxCrf,
      int usualCrf,
      Set<Tune> tunes,
      VideoCodec... codecs) {
    this.word = word;
    this.speeds = speeds;
    this.hardware = hardware;
    this.maxBFrames = maxBFrames;
    this.maxCrf = maxCrf;
    this.usualCrf = usualCrf;
    this.tunes = tunes;
    this.codecs = Set.of(codecs);
  }

  /** The software that encodes {@code codec} where nothing else is asked for. */
  public static Engine of(VideoCodec codec) {
    return switch (codec) {
      case H264 -> X264;
      case HEVC -> X265;
      case AV1 -> SVT_AV1;
      case VP9 -> LIBVPX;
    };
  }

  /** This one; of {@link #AUTO}, what comes first for {@code codec}. */
  public Engine resolve(VideoCodec codec) {
    return this == AUTO ? of(codec) : this;
  }

  /** Its name in the configuration. */
  public String word() {
    return word;
  }

  /** True when it needs a device that a machine may not have. */
  public boolean isHardware() {
    return hardware;
  }

  public boolean encodes(VideoCodec codec) {
    return this == AUTO || codecs.contains(codec);
  }

  /** The most pictures between two references that can be asked for; 0: none can. */
  public int maxBFrames() {
    return maxBFrames;
  }

  /** The largest value of {@link RateMode#CAPPED_CRF}'s quality; -1 where there is no such mode. */
  public int maxCrf() {
    return maxCrf;
  }

  /** The quality where none is given. */
  public int usualCrf() {
    return usualCrf;
  }

  public boolean knows(Tune tune) {
    return tune == Tune.NONE || tunes.contains(tune);
  }

  /** True when {@code preset} names one of its speeds; {@link #NO_PRESET} where it has none. */
  public boolean knowsPreset(String preset) {
    return speeds == Speeds.NONE ? preset.equals(NO_PRESET) : preset.matches(speeds.regex);
  }

  /** What a preset is, for people. */
  public String presetRule() {
    return speeds.rule;
  }

  /** The preset that fits two cores in real time. */
  public String usualPreset(Profile profile) {
    boolean fast = profile == Profile.FAST;
    return switch (this) {
      case X264, QSV -> "veryfast";
      case X265 -> fast ? "ultrafast" : "superfast";
      case SVT_AV1 -> fast ? "11" : "10";
      case LIBAOM, LIBVPX -> fast ? "8" : "6";
      case NVENC -> "p4";
      case AUTO, OPENH264, VAAPI, V4L2M2M -> NO_PRESET;
    };
  }
}
