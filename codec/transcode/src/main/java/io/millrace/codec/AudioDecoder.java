package io.millrace.codec;

import io.millrace.media.TrackEvent;

/** One audio decoder with conversion to planar float. Belongs to one thread. */
public interface AudioDecoder extends AutoCloseable {
  /** Takes decoded samples on the calling thread. */
  @FunctionalInterface
  interface Output {
    /**
     * @param channels one array a channel; borrowed, reused by the next call
     * @param samples valid samples in each array
     * @param ptsTicks of the first sample
     */
    void samples(float[][] channels, int samples, long ptsTicks);
  }

  /**
   * @param sample borrowed
   * @return false when it was damaged; the next one may be fine
   */
  boolean decode(TrackEvent.Sample sample, Output output);

  @Override
  void close();
}
