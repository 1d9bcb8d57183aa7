package io.millrace.media.flv;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.function.Consumer;

/**
 * One track's part of the body of an FLV audio tag or RTMP audio message: FLV's own header with AAC
 * or MP3 (FLV v10.1 §E.4.2), and the header of Enhanced RTMP v2 ("Enhanced Audio") with AAC, Opus
 * and MP3. A multitrack message holds several.
 *
 * <pre>
 * FLV:       4 SoundFormat | 2 SoundRate | 1 SoundSize | 1 SoundType | AAC: 8 AACPacketType | body
 *   AAC (10): rate, size and type are fixed and say nothing; body: 0 AudioSpecificConfig, 1 raw data block
 *   MP3 (2; 14 at 8 kHz): body: whole frames, whose headers say everything
 * Enhanced:  4 SoundFormat 9 | 4 PacketType | see {@link EnhancedMessage} | body, by PacketType:
 *   0 SequenceStart       the codec's record     1 CodedFrames    the frame
 *   2 SequenceEnd         nothing                4 MultichannelConfig
 *                                                  8 order | 8 channels | Native: 32 mask | Custom: 8 × channels
 * </pre>
 *
 * Other codecs are refused by name.
 */
public sealed interface AudioTag {

  AudioCodec codec();

  /** Which of the publisher's sounds it belongs to, 0–255; 0 outside a multitrack message. */
  int trackId();

  /**
   * The decoder configuration; sent first and at each change.
   *
   * @param configuration the codec's record (AudioSpecificConfig, OpusHead of RFC 7845 §5.1), owned
   *     by the tag, read-only; empty where the sender leaves it to the frames or to {@link
   *     MultichannelConfig}
   */
  record SequenceStart(AudioCodec codec, int trackId, byte[] configuration) implements AudioTag {
    /** Of track 0. */
    public SequenceStart(AudioCodec codec, byte[] configuration) {
      this(codec, 0, configuration);
    }

    @Override
    public String toString() {
      return codec + " configuration " + ByteBufUtil.hexDump(configuration);
    }
  }

  /**
   * One access unit; for MP3 one or more whole frames.
   *
   * @param timestampOffsetNanos to be added to the message's timestamp, 0–999 999 from senders that
   *     keep to the specification, never over 2²⁴−1
   * @param payload when parsed a slice of the body that is <em>derived, not retained</em>: it lives
   *     as long as the body does; retain it to keep it
   */
  record CodedFrames(AudioCodec codec, int trackId, int timestampOffsetNanos, ByteBuf payload)
      implements AudioTag {
    /** Of track 0, on the millisecond. */
    public CodedFrames(AudioCodec codec, ByteBuf payload) {
      this(codec, 0, 0, payload);
    }
  }

  /** No more access units will follow in this sequence. */
  record SequenceEnd(AudioCodec codec, int trackId) implements AudioTag {}

  /** The loudspeakers of a codec that does not name them itself. */
  record MultichannelConfig(AudioCodec codec, int trackId, ChannelLayout layout)
      implements AudioTag {}

  /**
   * Reads a body from its reader index to its end, and gives each of its tags to {@code tags} in
   * order; borrows the body, and leaves its indices alone. At most 32 tags.
   *
   * @param body not empty: an empty message means silence, and callers drop it
   * @throws MediaFormatException malformed, or unsupported with the codec named; tags before the
   *     broken one have been given
   */
  static void parse(ByteBuf body, Consumer<? super AudioTag> tags) {
    AudioTagSyntax.parse(body, tags);
  }

  /**
   * Reads a body with one tag, as all but multitrack messages have; as {@link #parse(ByteBuf,
   * Consumer)} otherwise.
   *
   * @throws MediaFormatException also unsupported where there are several
   */
  static AudioTag parse(ByteBuf body) {
    return OnlyTag.of(sink -> parse(body, sink));
  }

  /**
   * Appends the body to {@code out}, in FLV's own header where that can carry it (configuration and
   * frames of AAC, of track 0, on the millisecond), else in the enhanced one; borrows the payload
   * and leaves its indices alone.
   */
  default void write(ByteBuf out) {
    AudioTagSyntax.write(this, out);
  }

  /** As {@link #write}, always in the enhanced header. */
  default void writeEnhanced(ByteBuf out) {
    EnhancedAudio.write(this, out);
  }

  /**
   * Appends one multitrack message with all {@code tags}: ManyTracks, or ManyTracksManyCodecs where
   * they differ in codec. Borrows the payloads.
   *
   * @param tags of one kind, and alike in timestamp offset
   */
  static void writeMultitrack(List<? extends AudioTag> tags, ByteBuf out) {
    EnhancedAudio.writeMultitrack(tags, out);
  }
}
