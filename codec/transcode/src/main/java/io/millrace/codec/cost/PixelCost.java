package io.millrace.codec.cost;

/**
 * What is done to one picture without an encoder.
 *
 * @param pixels of the picture; of scaling, those of both pictures together
 * @param pictureSeconds CPU time, above 0
 */
public record PixelCost(long pixels, double pictureSeconds) {
  public PixelCost {
    if (pixels <= 0 || !(pictureSeconds > 0) || Double.isInfinite(pictureSeconds)) {
      throw new IllegalArgumentException("no cost: " + pictureSeconds + " for " + pixels);
    }
  }
}
