package io.millrace.media;

/**
 * Colour description by code point (ISO/IEC 23091-2 / ITU-T H.273): 2 means unspecified.
 *
 * @param primaries §8.1
 * @param transfer §8.2
 * @param matrix §8.3
 * @param fullRange true when luma runs 0–255
 */
public record Colour(int primaries, int transfer, int matrix, boolean fullRange) {
  public static final Colour UNSPECIFIED = new Colour(2, 2, 2, false);
}
