package io.millrace.codec.ladder;

import io.millrace.codec.quality.QualitySampling;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * @param queuePictures pictures that may wait in front of one rung, 2 to 64
 * @param overload what a full queue does
 * @param closeWait how long {@link Transcoder#close} waits for encoder threads
 * @param quality how rungs with a quality target are looked at; null: they are not
 */
public record TranscoderSettings(
    int queuePictures, Overload overload, Duration closeWait, @Nullable QualitySampling quality) {
  /** What happens to a picture that finds its rung's queue full. */
  public enum Overload {
    /** It is left out and counted: live. */
    DROP,
    /** The decoder waits: for media that is read faster than real time. */
    WAIT
  }

  /** Live: 16 pictures, half a second, dropped when full. */
  public static final TranscoderSettings LIVE =
      new TranscoderSettings(16, Overload.DROP, Duration.ofSeconds(10), null);

  /** Offline: nothing is dropped, the pump waits for the slowest rung. */
  public static final TranscoderSettings OFFLINE =
      new TranscoderSettings(4, Overload.WAIT, Duration.ofSeconds(10), null);

  public TranscoderSettings {
    if (queuePictures < 2 || queuePictures > 64) {
      throw new IllegalArgumentException("queue of 2 to 64 pictures: " + queuePictures);
    }
  }

  /** The same with rungs that are looked at; null: they are not. */
  public TranscoderSettings with(@Nullable QualitySampling sampling) {
    return new TranscoderSettings(queuePictures, overload, closeWait, sampling);
  }
}
