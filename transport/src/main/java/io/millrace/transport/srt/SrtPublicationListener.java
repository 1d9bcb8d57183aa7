package io.millrace.transport.srt;

import io.netty.buffer.ByteBuf;

/**
 * Takes what one peer sends, in order and at its time. Called on {@link SrtPublication#eventLoop()}
 * only; nothing comes after {@link #onEnd}.
 *
 * <p>A {@link io.millrace.media.MediaFormatException} thrown from {@link #onPayload} ends the
 * publisher as its fault, any other exception as ours.
 */
public interface SrtPublicationListener {
  /**
   * One message, with MPEG-TS usually seven packets of 188 bytes.
   *
   * @param payload never empty; this method takes it and releases it, also when it throws
   * @param sourceTimeUs when the peer sent it, on the clock of {@code System.nanoTime() / 1000}
   */
  void onPayload(ByteBuf payload, long sourceTimeUs);

  /** The peer is gone. Called exactly once. */
  void onEnd(EndReason reason);
}
