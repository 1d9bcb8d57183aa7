package io.millrace.codec;

import io.millrace.media.TrackEvent;

/** One video decoder. Belongs to one thread. */
public interface VideoDecoder extends AutoCloseable {
  /** Takes decoded pictures in presentation order, on the calling thread. */
  @FunctionalInterface
  interface Output {
    /**
     * @param picture the callee owns this reference
     * @param ptsTicks of the access unit that it came from
     * @param durationTicks of that access unit, 0 when unknown
     */
    void picture(DecodedFrame picture, long ptsTicks, long durationTicks);
  }

  /**
   * Decodes one access unit; pictures that are complete go to {@code output} before this returns.
   *
   * @param sample borrowed
   * @return false when the access unit was damaged; the decoder can go on with a key frame
   * @throws CodecException when the decoder itself fails and must be closed
   */
  boolean decode(TrackEvent.Sample sample, Output output);

  /** Delivers everything that is still inside; a key frame may follow afterwards. */
  void drain(Output output);

  /** Forgets everything that is inside; a key frame may follow. */
  void reset();

  /** Frees all native memory; idempotent. Pictures that are still held stay valid. */
  @Override
  void close();
}
