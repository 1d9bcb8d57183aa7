package io.millrace.codec;

import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;

/** One audio encoder, fed with interleaved-free (planar) float samples. Belongs to one thread. */
public interface AudioEncoder extends AutoCloseable {
  /** Takes one coded frame on the calling thread; owns {@code payload}. */
  @FunctionalInterface
  interface Output {
    void frame(ByteBuf payload, long ptsTicks);
  }

  TrackFormat.Audio format();

  /**
   * Encodes one frame.
   *
   * @param channels one array a channel, each with {@code format().samplesPerFrame()} samples in
   *     −1…1; borrowed
   * @param ptsTicks of the first sample, in the format's timescale
   */
  void encode(float[][] channels, long ptsTicks, Output output);

  /** Delivers what is inside; nothing may be encoded afterwards. */
  void drain(Output output);

  @Override
  void close();
}
