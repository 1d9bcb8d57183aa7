package io.millrace.codec;

import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What of a rung's options excludes what; the same for a configuration, an API and the wire. */
public final class EncoderRules {
  private static final int MAX_KEY_EVERY_MS = 15_000;
  private static final int MIN_KEY_EVERY_MS = 500;

  /** What VMAF tells apart. */
  private static final int LEAST_VMAF = 50;

  private static final int MOST_VMAF = 98;

  /** By {@code hierarchical-levels} of 2 to 4. */
  private static final Set<Integer> SVT_AV1_PYRAMIDS = Set.of(3, 7, 15);

  /**
   * A rule that is not kept.
   *
   * @param key of the configuration: {@code encoder}, {@code preset}, {@code crf}, …
   * @param text what the rule is
   */
  public record Broken(String key, String text) {}

  private EncoderRules() {}

  /** The rules that are not kept, by the key that a person would mend; empty when all is well. */
  public static List<Broken> broken(
      VideoCodec codec, Profile profile, String preset, EncoderOptions options) {
    List<Broken> broken = new ArrayList<>();
    Engine engine = options.engine().resolve(codec);
    if (!engine.encodes(codec)) {
      broken.add(new Broken("encoder", engine.word() + " does not encode " + word(codec)));
      return broken;
    }
    if (!engine.knowsPreset(preset)) {
      broken.add(
          new Broken("preset", "\"" + preset + "\" is not a preset: " + presets(codec, engine)));
    }
    if (options.fallback() == Fallback.SOFTWARE && !engine.isHardware()) {
      broken.add(
          new Broken("fallback", engine.word() + " is software: there is nothing to fall back to"));
    }
    rate(engine, profile, options, broken);
    if (options.bFrames() > engine.maxBFrames()) {
      String most = engine.maxBFrames() == 0 ? "none" : "at most " + engine.maxBFrames();
      broken.add(new Broken("bframes", engine.word() + " takes " + most));
    }
    if (options.bFrames() > 0 && options.tune() == Tune.LOW_DELAY) {
      broken.add(new Broken("bframes", "B-frames are delay: not with tune: low-delay"));
    }
    int between = options.bFrames();
    if (engine == Engine.SVT_AV1 && between != EncoderOptions.UNSET && broken.isEmpty()) {
      svtAv1Pyramid(profile, options, broken);
    }
    if (!engine.knows(options.tune())) {
      broken.add(new Broken("tune", engine.word() + " has no such tune"));
    } else if (options.tune() == Tune.PERCEPTUAL && options.lowDelay(profile)) {
      broken.add(new Broken("tune", "perceptual goes with profile: quality only"));
    }
    int every = options.keyEveryMs();
    if (every != 0 && (every < MIN_KEY_EVERY_MS || every > MAX_KEY_EVERY_MS)) {
      broken.add(new Broken("gop", "from 500ms to 15s"));
    }
    return broken;
  }

  /** Pictures between two references are those of a whole pyramid, or none. */
  private static void svtAv1Pyramid(Profile profile, EncoderOptions options, List<Broken> broken) {
    boolean lowDelay = options.lowDelay(profile);
    if (lowDelay && options.bFrames() > 0) {
      broken.add(new Broken("bframes", "svt-av1 has them with profile: quality only"));
    } else if (!lowDelay && !SVT_AV1_PYRAMIDS.contains(options.bFrames())) {
      broken.add(new Broken("bframes", "svt-av1 takes 3, 7 or 15: a whole pyramid"));
    }
  }

  private static void rate(
      Engine engine, Profile profile, EncoderOptions options, List<Broken> broken) {
    boolean capped = options.rate() == RateMode.CAPPED_CRF;
    if (capped && engine.maxCrf() < 0) {
      broken.add(new Broken("rate", engine.word() + " has no capped-crf: use cbr or vbr"));
    } else if (!capped && options.crf() != EncoderOptions.UNSET) {
      broken.add(new Broken("crf", "is the quality of rate: capped-crf only"));
    } else if (capped && options.crf() > engine.maxCrf()) {
      broken.add(new Broken("crf", engine.word() + " has qualities from 0 to " + engine.maxCrf()));
    }
    int vmaf = options.vmaf();
    if (vmaf != EncoderOptions.UNSET && !capped) {
      broken.add(new Broken("vmaf", "is what the quality of rate: capped-crf is to come to"));
    } else if (vmaf != EncoderOptions.UNSET && (vmaf < LEAST_VMAF || vmaf > MOST_VMAF)) {
      broken.add(new Broken("vmaf", "from " + LEAST_VMAF + " to " + MOST_VMAF));
    }
    boolean lowDelay = options.lowDelay(profile);
    if (engine == Engine.SVT_AV1 && options.rate() == RateMode.VBR && lowDelay) {
      broken.add(
          new Broken("rate", "svt-av1 has vbr with profile: quality only, not with low delay"));
    } else if (engine == Engine.SVT_AV1 && options.rate() == RateMode.CBR && !lowDelay) {
      broken.add(new Broken("rate", "svt-av1 has cbr with profile: fast or tune: low-delay only"));
    } else if (engine == Engine.SVT_AV1 && capped && lowDelay) {
      // SVT-AV1 3.1 takes the cap and does not keep it: a busy scene came out ten times as large.
      broken.add(
          new Broken("rate", "svt-av1 keeps a cap with profile: quality only, not with low delay"));
    }
  }

  /**
   * Checks all.
   *
   * @param rung its name, for the message
   * @throws IllegalArgumentException naming the first rule that is not kept
   */
  public static void require(
      String rung, VideoCodec codec, Profile profile, String preset, EncoderOptions options) {
    List<Broken> broken = broken(codec, profile, preset, options);
    if (!broken.isEmpty()) {
      throw new IllegalArgumentException(
          "rung " + rung + ", " + broken.getFirst().key() + ": " + broken.getFirst().text());
    }
  }

  private static String presets(VideoCodec codec, Engine engine) {
    return engine.word() + ", which encodes " + word(codec) + ", has " + engine.presetRule();
  }

  private static String word(VideoCodec codec) {
    return codec.name().toLowerCase(Locale.ROOT);
  }
}
