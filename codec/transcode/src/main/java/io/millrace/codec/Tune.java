package io.millrace.codec;

/** What the pictures are, where an encoder does better when it knows. */
public enum Tune {
  /** Nothing in particular. */
  NONE,
  /**
   * Film, with grain that is to be seen: kept by x264, x265 and libvpx, taken out and made anew in
   * the decoder by SVT-AV1 and libaom (AV1 §7.18.3).
   */
  FILM_GRAIN,
  /** Slides, text, games: flat areas and hard edges. */
  SCREEN,
  /** No pictures are held back, whatever the profile. */
  LOW_DELAY,
  /**
   * What viewers see before what can be counted: quantiser matrices (AV1 §5.9.12), which take bits
   * where eyes are least sharp. SVT-AV1's alone, where pictures may be held back.
   */
  PERCEPTUAL
}
