package io.millrace.packager.bmff;

/**
 * One sample of a movie fragment (ISO/IEC 14496-12 §8.8.8).
 *
 * @param durationTicks decoding time to the next sample
 * @param flags see {@link #KEY_FLAGS} and {@link #DEPENDENT_FLAGS}
 * @param compositionOffsetTicks presentation time less decoding time; may be negative
 */
public record FragmentSample(
    int durationTicks, int sizeBytes, int flags, int compositionOffsetTicks) {
  /** sample_depends_on = 2 (on none), a sync sample (§8.8.3.1). */
  public static final int KEY_FLAGS = 0x0200_0000;

  /** sample_depends_on = 1, sample_is_non_sync_sample = 1. */
  public static final int DEPENDENT_FLAGS = 0x0101_0000;
}
