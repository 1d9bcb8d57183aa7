package io.millrace.codec;

/** Opens video encoders: the seam where an engine is chosen, and where tests put a fake one. */
@FunctionalInterface
public interface VideoEncoders {
  /**
   * Opens an encoder on the thread that will use it; may take tens of milliseconds.
   *
   * @param account where its native memory is counted
   * @return owned by the caller, who closes it
   * @throws CodecException when no engine takes these settings
   */
  VideoEncoder open(EncoderSettings settings, NativeAccount account);
}
