package io.millrace.codec;

import io.millrace.media.TrackFormat;
import io.netty.buffer.ByteBuf;

/**
 * One video encoder. Belongs to one thread at a time. Key frames come where they are asked for, and
 * only there: no scene-cut detection, no periodic ones.
 *
 * <p>Life: {@code encode}* then {@code drain} once, then {@code close}. {@code close} alone is fine
 * at any time and discards what is inside.
 */
public interface VideoEncoder extends AutoCloseable {
  /** Takes what comes out, in decoding order, on the calling thread. */
  @FunctionalInterface
  interface Output {
    /**
     * @param payload one access unit in the form of {@link io.millrace.media.TrackEvent.Sample};
     *     the callee owns it
     * @param ptsTicks the time the picture was given with
     * @param dtsTicks strictly increasing, at most {@code ptsTicks}; may start below zero
     * @param key a closed-GOP random access point
     */
    void packet(ByteBuf payload, long ptsTicks, long dtsTicks, boolean key);
  }

  /** The track that comes out, from the encoder's own configuration; known from the start. */
  TrackFormat.Video format();

  /**
   * True when {@link EncoderSettings#keyIntervalFrames} matters to rate control: worth opening the
   * encoder anew once the true interval is known.
   */
  default boolean followsKeyInterval() {
    return false;
  }

  /** The library behind it, such as {@code libx264} or {@code SVT-AV1 3.1.2 (bundled)}. */
  String engine();

  /**
   * Encodes one picture; packets that are ready go to {@code output} before this returns.
   *
   * @param picture borrowed
   * @param ptsTicks strictly increasing, in {@link io.millrace.media.Timescale#VIDEO}
   * @param forceKey true to make it a key frame that starts a closed GOP
   * @throws CodecException when the encoder fails; it must then be closed
   */
  void encode(Picture picture, long ptsTicks, boolean forceKey, Output output);

  /** Delivers everything that is still inside. Nothing may be encoded afterwards. */
  void drain(Output output);

  /** Frees all native memory; idempotent. */
  @Override
  void close();
}
