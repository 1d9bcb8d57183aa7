package io.millrace.codec.svtav1;

import io.millrace.codec.EncoderSettings;
import io.millrace.codec.RateMode;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.natives.svtav1.SvtAv1Version;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * SVT-AV1's parameters by profile and version, by the names of {@code svt_av1_enc_parse_parameter}.
 *
 * <p>{@code lp=1} throughout: one thread an encoder takes a third to a half less CPU for the same
 * output. {@link Profile#FAST} is low delay at a constant rate. {@link Profile#QUALITY} is a
 * pyramid of 8 pictures (4 or 16 where {@code bframes} says so) without look-ahead at a variable
 * rate: it keeps AV1's gain, which low delay gives away, for about 0.7 s of delay at 30 pictures a
 * second (20 are held; 29 of a pyramid of 16). Versions before 2.3 take forced key frames only in
 * random access with constant quality, so there both are a pyramid with a capped quality; and with
 * the library's own look-ahead, without which 1.4 stops for good at a forced key frame.
 */
final class SvtAv1Parameters {
  /** Hours. It may not be unlimited, or versions before 2.0 ignore forced key frames. */
  private static final int VERY_LONG_FRAMES = 1 << 20;

  /** Quality at which the cap is left alone; the cap rules in anything but still pictures. */
  private static final String CAPPED_CRF = "32";

  /** Of 50: what its authors take for film. */
  private static final String FILM_GRAIN_LEVEL = "8";

  /** A pyramid of 8 pictures. */
  private static final int B_FRAMES = 7;

  private SvtAv1Parameters() {}

  /** True when {@code version} gives one packet a picture, waiting for it, in low delay. */
  static boolean waitsInLowDelay(SvtAv1Version version) {
    return version.isAtLeast(2, 3);
  }

  /** True for a variable rate, which depends on the time between key frames. */
  static boolean variableRate(EncoderSettings settings, SvtAv1Version version) {
    return version.isAtLeast(2, 3) && mode(settings, version) == RateMode.VBR;
  }

  /** Constant rates are low delay's alone, variable ones the pyramid's. */
  private static RateMode mode(EncoderSettings settings, SvtAv1Version version) {
    RateMode wanted = settings.options().rate(settings.profile());
    if (wanted == RateMode.CAPPED_CRF) {
      return wanted;
    }
    return lowDelay(settings, version) ? RateMode.CBR : RateMode.VBR;
  }

  /** Pictures until the encoder inserts a key frame of its own. */
  static int keyIntervalFrames(EncoderSettings settings, SvtAv1Version version) {
    return variableRate(settings, version) ? settings.keyIntervalFrames() : VERY_LONG_FRAMES;
  }

  /** True when the encoder will run in low delay. */
  static boolean lowDelay(EncoderSettings settings, SvtAv1Version version) {
    return settings.options().lowDelay(settings.profile()) && version.isAtLeast(2, 3);
  }

  /** Prediction structure and threads: what an engine that sets rates itself still needs. */
  static Map<String, String> structure(EncoderSettings settings, SvtAv1Version version) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("lp", "1");
    parameters.put("scd", "0");
    if (lowDelay(settings, version)) {
      parameters.put("pred-struct", "1");
      if (version.isAtLeast(3, 1)) {
        parameters.put("rtc", "1");
      }
    } else {
      parameters.put("pred-struct", "2");
      parameters.put("hierarchical-levels", Integer.toString(levels(settings)));
      if (version.isAtLeast(2, 3)) {
        parameters.put("lookahead", "0");
      }
    }
    switch (settings.options().tune()) {
      case FILM_GRAIN -> parameters.put("film-grain", FILM_GRAIN_LEVEL);
      case SCREEN -> parameters.put("scm", "1");
      case PERCEPTUAL -> {
        parameters.put("enable-qm", "1");
        parameters.put("qm-min", "0");
      }
      case NONE, LOW_DELAY -> {}
    }
    return parameters;
  }

  /** Of a pyramid with as many pictures between its ends: 2 for 3, 3 for 7, 4 for 15. */
  private static int levels(EncoderSettings settings) {
    int between = settings.options().bFrames(settings.profile(), B_FRAMES);
    return Integer.numberOfTrailingZeros(Integer.highestOneBit(between + 1));
  }

  /** Everything but the picture size. */
  static Map<String, String> all(EncoderSettings settings, SvtAv1Version version) {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put("fps-num", Integer.toString(settings.frameRate().numerator()));
    parameters.put("fps-denom", Integer.toString(settings.frameRate().denominator()));
    parameters.put("preset", settings.preset());
    parameters.put("keyint", Integer.toString(keyIntervalFrames(settings, version)));
    parameters.put("color-primaries", Integer.toString(settings.colour().primaries()));
    parameters.put("transfer-characteristics", Integer.toString(settings.colour().transfer()));
    parameters.put("matrix-coefficients", Integer.toString(settings.colour().matrix()));
    parameters.put("color-range", "0");
    rateControl(settings, version, parameters);
    parameters.putAll(structure(settings, version));
    return parameters;
  }

  private static void rateControl(
      EncoderSettings settings, SvtAv1Version version, Map<String, String> parameters) {
    String rate = settings.bitrateBps() + "b";
    boolean capped = mode(settings, version) == RateMode.CAPPED_CRF;
    if (!version.isAtLeast(2, 3) || capped) {
      parameters.put("rc", "0");
      parameters.put(
          "crf", capped ? Integer.toString(settings.options().crf(settings.codec())) : CAPPED_CRF);
      parameters.put("mbr", capped ? FfmpegEngines.svtAv1CapBps(settings) + "b" : rate);
      if (!version.isAtLeast(2, 3)) {
        parameters.put("enable-force-key-frames", "1");
      }
    } else if (lowDelay(settings, version)) {
      parameters.put("rc", "2");
      parameters.put("tbr", rate);
    } else {
      parameters.put("rc", "1");
      parameters.put("tbr", rate);
    }
  }
}
