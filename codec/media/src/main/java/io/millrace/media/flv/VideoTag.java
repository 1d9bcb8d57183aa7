package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * VIDEODATA: the body of an FLV video tag or RTMP video message with H.264 (FLV v10.1 §E.4.3).
 *
 * <pre>
 * +-----------+---------+----------------+-----------------------+------------------------------
 * | FrameType | CodecID | AVCPacketType  | CompositionTime SI24  | configuration record, or
 * | 4 bits    | 4: 7    | 8: 0, 1, 2     | ms, pts − dts         | length-prefixed NAL units
 * +-----------+---------+----------------+-----------------------+------------------------------
 * FrameType 5 is a command: one byte follows the first, and nothing else.
 * </pre>
 *
 * Every other CodecID, and the Enhanced RTMP headers (bit 7 of the first byte), are recognised and
 * refused with the codec's name.
 */
public sealed interface VideoTag {

  /**
   * The decoder configuration; sent first and at each change.
   *
   * @param configuration the codec's record, owned by the tag, read-only
   */
  record SequenceHeader(VideoCodec codec, byte[] configuration) implements VideoTag {
    @Override
    public String toString() {
      return codec + " configuration " + ByteBufUtil.hexDump(configuration);
    }
  }

  /**
   * One access unit.
   *
   * @param key what the sender says: FrameType 1 or 4
   * @param compositionOffsetMs presentation minus decoding time, −2²³ … 2²³−1 ms
   * @param payload from {@link #parse} a slice of the body that is <em>derived, not retained</em>:
   *     it lives as long as the body does; retain it to keep it
   */
  record CodedFrames(VideoCodec codec, boolean key, int compositionOffsetMs, ByteBuf payload)
      implements VideoTag {}

  /** No more access units will follow in this sequence. */
  record EndOfSequence(VideoCodec codec) implements VideoTag {}

  /**
   * A note to a player, without a picture.
   *
   * @param code 0 start and 1 end of client-side seeking; others are private
   */
  record Command(int code) implements VideoTag {}

  /**
   * Reads a body from its reader index to its end; borrows it, and leaves its indices alone.
   *
   * @param body not empty: senders do produce empty messages, which callers drop
   * @throws MediaFormatException malformed, or unsupported with the codec named
   */
  static VideoTag parse(ByteBuf body) {
    return VideoTagSyntax.parse(body);
  }

  /** Appends the body to {@code out}; borrows the payload and leaves its indices alone. */
  default void write(ByteBuf out) {
    VideoTagSyntax.write(this, out);
  }
}
