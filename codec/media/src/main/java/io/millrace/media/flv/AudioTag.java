package io.millrace.media.flv;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;

/**
 * AUDIODATA: the body of an FLV audio tag or RTMP audio message with AAC (FLV v10.1 §E.4.2).
 *
 * <pre>
 * +-------------+-----------+-----------+-----------+---------------+---------------------------
 * | SoundFormat | SoundRate | SoundSize | SoundType | AACPacketType | AudioSpecificConfig, or
 * | 4 bits: 10  | 2: 3      | 1: 1      | 1: 1      | 8: 0, 1       | one raw data block
 * +-------------+-----------+-----------+-----------+---------------+---------------------------
 * For AAC, rate, size and type are fixed and say nothing: the configuration does.
 * </pre>
 *
 * Every other SoundFormat, and the Enhanced RTMP header (SoundFormat 9), are recognised and refused
 * with the codec's name.
 */
public sealed interface AudioTag {

  /**
   * The decoder configuration; sent first and at each change.
   *
   * @param configuration the codec's record, owned by the tag, read-only
   */
  record SequenceHeader(AudioCodec codec, byte[] configuration) implements AudioTag {
    @Override
    public String toString() {
      return codec + " configuration " + ByteBufUtil.hexDump(configuration);
    }
  }

  /**
   * One access unit.
   *
   * @param payload from {@link #parse} a slice of the body that is <em>derived, not retained</em>:
   *     it lives as long as the body does; retain it to keep it
   */
  record CodedFrames(AudioCodec codec, ByteBuf payload) implements AudioTag {}

  /**
   * Reads a body from its reader index to its end; borrows it, and leaves its indices alone.
   *
   * @param body not empty: senders do produce empty messages, which callers drop
   * @throws MediaFormatException malformed, or unsupported with the codec named
   */
  static AudioTag parse(ByteBuf body) {
    return AudioTagSyntax.parse(body);
  }

  /** Appends the body to {@code out}; borrows the payload and leaves its indices alone. */
  default void write(ByteBuf out) {
    AudioTagSyntax.write(this, out);
  }
}
