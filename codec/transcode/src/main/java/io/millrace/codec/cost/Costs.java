package io.millrace.codec.cost;

import java.util.List;

/**
 * What a benchmark has measured.
 *
 * @param encoders none twice for the same codec, profile, preset and size
 * @param decoding H.264, by size, the smallest first
 * @param scaling by size, the smallest first
 * @param soundSecond CPU seconds that a second of AAC takes
 */
public record Costs(
    List<EncoderCost> encoders,
    List<PixelCost> decoding,
    List<PixelCost> scaling,
    double soundSecond) {
  public Costs {
    encoders = List.copyOf(encoders);
    decoding = List.copyOf(decoding);
    scaling = List.copyOf(scaling);
    if (encoders.isEmpty() || decoding.isEmpty() || scaling.isEmpty() || !(soundSecond >= 0)) {
      throw new IllegalArgumentException("a measurement with nothing in it");
    }
  }
}
