package io.millrace.codec;

import io.millrace.media.TrackEvent;

/** One video decoder. Belongs to one thread. */
public interface VideoDecoder extends AutoCloseable {
  /** Takes decoded frames in presentation order, on the calling thread. */
  @FunctionalInterface
  interface Output {
    /**
     * @param frame the callee releases it
     * @param ptsTicks of the access unit that it came from
     * @param durationTicks of that access unit, 0 when unknown
     */
    void frame(DecodedFrame frame, long ptsTicks, long durationTicks);
  }

  /**
   * Decodes one access unit; frames that are complete go to {@code output} before this returns.
   *
   * @param sample borrowed
   * @return false when the access unit was damaged; the decoder can go on with a key frame
   */
  boolean decode(TrackEvent.Sample sample, Output output);

  /** Delivers everything that is still inside; a key frame may follow afterwards. */
  void drain(Output output);

  /** Forgets everything that is inside; a key frame may follow. */
  void reset();

  /** Frees all native memory; idempotent. Frames that are still held stay valid. */
  @Override
  void close();
}
