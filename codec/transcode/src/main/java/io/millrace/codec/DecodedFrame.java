package io.millrace.codec;

/**
 * A frame as the decoder left it: any size, chroma format, depth and range. Only a scaler of the
 * same engine can read it. Confined to the decoding thread.
 */
public interface DecodedFrame {
  /** Width in pixels after cropping. */
  int width();

  /** Height in pixels after cropping. */
  int height();

  /** Gives the memory back to the decoder; once. */
  void release();
}
