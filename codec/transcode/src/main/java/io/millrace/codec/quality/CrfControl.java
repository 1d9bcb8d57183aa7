package io.millrace.codec.quality;

/**
 * Moves a rung's quality (CRF) so that its pictures come near a VMAF. A step of the quantiser is
 * worth more where pictures are poor; here it is taken for what it is worth where they are good, at
 * least, so that a target is approached and not jumped over.
 *
 * @param target VMAF
 * @param own where it starts, and from where it moves no further than {@value #FARTHEST}
 * @param worst the engine's largest
 */
public record CrfControl(int target, int own, int worst) {
  /** How far from its own. */
  public static final int FARTHEST = 12;

  private static final int LARGEST_STEP = 4;

  /** So near is there. */
  private static final double NEAR = 1;

  /** Of H.264's and HEVC's 51, where AV1's and VP9's 63 are {@value #MOST_OF_H264} or more. */
  private static final int MOST_OF_H264 = 51;

  private static final double VMAF_A_STEP = 1.5;
  private static final double VMAF_A_STEP_OF_63 = 0.6;

  /**
   * What is to follow.
   *
   * @param crf that was in force
   * @param vmaf that it came to
   * @param atCap true where the bits were all that the rung may take: less of CRF brings nothing
   */
  public int next(int crf, double vmaf, boolean atCap) {
    double over = vmaf - target;
    if (Math.abs(over) <= NEAR || (over < 0 && atCap)) {
      return crf;
    }
    double steps = over / (worst > MOST_OF_H264 ? VMAF_A_STEP_OF_63 : VMAF_A_STEP);
    int step = (int) Math.clamp(Math.round(steps), -LARGEST_STEP, LARGEST_STEP);
    int least = Math.max(1, own - FARTHEST);
    int most = Math.min(worst, own + FARTHEST);
    return Math.clamp(crf + step, least, most);
  }
}
