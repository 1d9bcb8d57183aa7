package io.millrace.transport.rtmp;

import io.netty.buffer.ByteBuf;
import java.util.Map;

/**
 * Takes what one publisher sends, in the order it came. Called on {@link
 * RtmpPublication#eventLoop()} only; nothing comes after {@link #onEnd}.
 *
 * <p>A {@link io.millrace.media.MediaFormatException} thrown from {@code onMetadata}, {@code
 * onVideo} or {@code onAudio} ends the publisher with an onStatus error that carries its message;
 * any other exception ends it as our fault.
 */
public interface RtmpPublicationListener {
  /**
   * An onMetaData message.
   *
   * @param metadata plain values only: {@code Double}, {@code Boolean}, {@code String}, {@code
   *     List}, {@code Map}; unmodifiable, in the order sent, nulls left out
   */
  void onMetadata(Map<String, Object> metadata);

  /**
   * A data message other than onMetaData that has an object: onTextData, onCuePoint or onAdCue.
   * Others are left out.
   *
   * @param timestampMs unsigned 32 bits as on the wire; wraps
   * @param said as in {@link #onMetadata}
   * @param sizeBytes of the message
   */
  default void onData(String name, long timestampMs, Map<String, Object> said, int sizeBytes) {}

  /**
   * A video message.
   *
   * @param timestampMs decode time, unsigned 32 bits as on the wire; wraps
   * @param body FLV VIDEODATA (Adobe FLV 10.1 §E.4.3), never empty; this method takes it and
   *     releases it, also when it throws
   */
  void onVideo(long timestampMs, ByteBuf body);

  /**
   * An audio message.
   *
   * @param timestampMs unsigned 32 bits as on the wire; wraps
   * @param body FLV AUDIODATA (Adobe FLV 10.1 §E.4.2), never empty; this method takes it and
   *     releases it, also when it throws
   */
  void onAudio(long timestampMs, ByteBuf body);

  /** The publisher is gone. Called exactly once. */
  void onEnd(EndReason reason);
}
