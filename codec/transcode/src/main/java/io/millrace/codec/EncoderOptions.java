package io.millrace.codec;

import io.millrace.media.VideoCodec;

/**
 * What an operator may want of an encoder beside codec, size, rate and preset. What excludes what
 * is in {@link EncoderRules}.
 *
 * @param crf quality of {@link RateMode#CAPPED_CRF}, lower is better; {@link #UNSET}: the engine's
 *     usual one
 * @param bFrames pictures between two references at most, of SVT-AV1 those of a whole pyramid;
 *     {@link #UNSET}: the profile's own
 * @param keyEveryMs a key frame that often, inside segments too; 0: where segments begin
 * @param vmaf what the quality of {@link RateMode#CAPPED_CRF} is to come to; {@link #UNSET}: it
 *     stays what it is
 */
public record EncoderOptions(
    Engine engine,
    Fallback fallback,
    RateMode rate,
    int crf,
    int bFrames,
    int keyEveryMs,
    Tune tune,
    int vmaf) {
  /** Stands for "nobody said". */
  public static final int UNSET = -1;

  /** What holds where nothing is asked for. */
  public static final EncoderOptions DEFAULT =
      new EncoderOptions(
          Engine.AUTO, Fallback.FAIL, RateMode.PROFILE, UNSET, UNSET, 0, Tune.NONE, UNSET);

  public EncoderOptions withEngine(Engine other, Fallback otherwise) {
    return new EncoderOptions(other, otherwise, rate, crf, bFrames, keyEveryMs, tune, vmaf);
  }

  /**
   * @param quality with {@link RateMode#CAPPED_CRF}, else {@link #UNSET}
   */
  public EncoderOptions withRate(RateMode mode, int quality) {
    return new EncoderOptions(engine, fallback, mode, quality, bFrames, keyEveryMs, tune, vmaf);
  }

  public EncoderOptions withBFrames(int most) {
    return new EncoderOptions(engine, fallback, rate, crf, most, keyEveryMs, tune, vmaf);
  }

  public EncoderOptions withKeyEveryMs(int ms) {
    return new EncoderOptions(engine, fallback, rate, crf, bFrames, ms, tune, vmaf);
  }

  public EncoderOptions withTune(Tune other) {
    return new EncoderOptions(engine, fallback, rate, crf, bFrames, keyEveryMs, other, vmaf);
  }

  /**
   * @param target of {@link RateMode#CAPPED_CRF}, or {@link #UNSET}
   */
  public EncoderOptions withVmaf(int target) {
    return new EncoderOptions(engine, fallback, rate, crf, bFrames, keyEveryMs, tune, target);
  }

  /** The mode in force: {@link RateMode#PROFILE} is resolved. */
  public RateMode rate(Profile profile) {
    return rate != RateMode.PROFILE ? rate : lowDelay(profile) ? RateMode.CBR : RateMode.VBR;
  }

  /** The quality in force. */
  public int crf(VideoCodec codec) {
    return crf == UNSET ? engine.resolve(codec).usualCrf() : crf;
  }

  /** True when the encoder may hold no picture back. */
  public boolean lowDelay(Profile profile) {
    return profile == Profile.FAST || tune == Tune.LOW_DELAY;
  }

  /** The most pictures between two references. */
  public int bFrames(Profile profile, int ownOfQuality) {
    return bFrames != UNSET ? bFrames : lowDelay(profile) ? 0 : ownOfQuality;
  }
}
