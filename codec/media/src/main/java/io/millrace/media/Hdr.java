package io.millrace.media;

import org.jspecify.annotations.Nullable;

/**
 * Static metadata of a high-dynamic-range picture, as the SEI messages of H.264 and HEVC, AV1's
 * metadata OBUs and the boxes {@code mdcv} and {@code clli} carry it.
 *
 * @param display what it was graded on; null when not said
 * @param light how bright it gets; null when not said
 */
public record Hdr(@Nullable MasteringDisplay display, @Nullable ContentLight light) {
  /**
   * Mastering display colour volume (SMPTE ST 2086; ISO/IEC 23008-2 §D.3.28). Chromaticities count
   * 0.00002, luminances 0.0001 cd/m².
   */
  public record MasteringDisplay(
      int redX,
      int redY,
      int greenX,
      int greenY,
      int blueX,
      int blueY,
      int whiteX,
      int whiteY,
      long maxLuminance,
      long minLuminance) {}

  /**
   * Content light level (CTA-861.3; ISO/IEC 23008-2 §D.3.35), in cd/m².
   *
   * @param maxCll of the brightest pixel
   * @param maxFall of the brightest picture's average
   */
  public record ContentLight(int maxCll, int maxFall) {}
}
