package io.millrace.media;

import org.jspecify.annotations.Nullable;

/**
 * Colour description by code point (ISO/IEC 23091-2 / ITU-T H.273): 2 means unspecified.
 *
 * @param primaries §8.1
 * @param transfer §8.2
 * @param matrix §8.3
 * @param fullRange true when luma runs 0–255
 * @param hdr static metadata of high dynamic range; null without
 */
public record Colour(
    int primaries, int transfer, int matrix, boolean fullRange, @Nullable Hdr hdr) {
  /** SMPTE ST 2084 (H.273 §8.2). */
  public static final int TRANSFER_PQ = 16;

  /** ARIB STD-B67 (H.273 §8.2). */
  public static final int TRANSFER_HLG = 18;

  public static final Colour UNSPECIFIED = new Colour(2, 2, 2, false);

  public Colour(int primaries, int transfer, int matrix, boolean fullRange) {
    this(primaries, transfer, matrix, fullRange, null);
  }

  public Colour withHdr(@Nullable Hdr metadata) {
    return new Colour(primaries, transfer, matrix, fullRange, metadata);
  }
}
