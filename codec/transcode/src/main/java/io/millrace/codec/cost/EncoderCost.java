package io.millrace.codec.cost;

import io.millrace.codec.Profile;
import io.millrace.media.VideoCodec;

/**
 * What an encoder takes for one picture.
 *
 * @param pixels width times height
 * @param pictureSeconds CPU time of all its threads, above 0
 */
public record EncoderCost(
    VideoCodec codec, Profile profile, String preset, long pixels, double pictureSeconds) {
  public EncoderCost {
    if (pixels <= 0 || !(pictureSeconds > 0) || Double.isInfinite(pictureSeconds)) {
      throw new IllegalArgumentException("no cost: " + pictureSeconds + " for " + pixels);
    }
  }
}
