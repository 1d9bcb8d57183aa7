package io.millrace.codec.quality;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How rungs with a target are looked at.
 *
 * @param every from sample to sample of one rung
 * @param pictures of a sample, at most; they lie in the system's folder for temporary files
 *     meanwhile, at 1.4 MB each for 720p
 */
public record QualitySampling(QualityMeter meter, Duration every, int pictures) {
  private static final Duration EVERY = Duration.ofSeconds(20);
  private static final int PICTURES = 30;

  /** By libvmaf's program. */
  public static QualitySampling by(Path program) {
    return new QualitySampling(new VmafProgram(program), EVERY, PICTURES);
  }
}
