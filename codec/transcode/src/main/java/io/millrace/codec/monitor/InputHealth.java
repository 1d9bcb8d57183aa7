package io.millrace.codec.monitor;

import java.time.Duration;

/**
 * What an input has been showing, in media time; a snapshot. Each is zero while the input is fine,
 * and where the track does not exist.
 *
 * @param frozen how long the picture has been the same: from the first of the equal key frames to
 *     the newest. Needs two, so it is late by up to a GOP
 * @param black how long the picture has been black: from the first black key frame to the newest
 * @param silent how long the sound has been below the threshold, to the newest decoded sample
 */
public record InputHealth(Duration frozen, Duration black, Duration silent) {
  public static final InputHealth FINE =
      new InputHealth(Duration.ZERO, Duration.ZERO, Duration.ZERO);
}
