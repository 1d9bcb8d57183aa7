package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.function.Consumer;

/**
 * One track's part of the body of an FLV video tag or RTMP video message: FLV's own header with
 * H.264 (FLV v10.1 §E.4.3) or HEVC, and the header of Enhanced RTMP v2 ("Enhanced Video") with
 * H.264, HEVC, AV1 and VP9. A multitrack message holds several.
 *
 * <pre>
 * FLV:       4 FrameType | 4 CodecID | 8 PacketType | SI24 composition time, ms | record or NAL units
 * Enhanced:  1 | 3 FrameType | 4 PacketType | see {@link EnhancedMessage} | body, by PacketType:
 *   0 SequenceStart  the codec's record          1 CodedFrames   H.264, HEVC: SI24 composition time, then the frame
 *   2 SequenceEnd    nothing                     3 CodedFramesX  the frame; composition time is 0
 *   4 Metadata       AMF: "colorInfo", object    5 MPEG2TSSequenceStart: refused
 * </pre>
 *
 * HEVC in FLV's own header is CodecID 12: no specification has it, many encoders send it. Other
 * codecs are refused by name.
 */
public sealed interface VideoTag {

  /** Which of the publisher's pictures it belongs to, 0–255; 0 outside a multitrack message. */
  int trackId();

  /**
   * The decoder configuration; sent first and at each change.
   *
   * @param configuration the codec's record ({@code avcC}, {@code hvcC}, {@code av1C}, {@code vpcC}
   *     contents), owned by the tag, read-only; VP9 senders put the box's version and flags before
   *     it
   */
  record SequenceStart(VideoCodec codec, int trackId, byte[] configuration) implements VideoTag {
    /** Of track 0. */
    public SequenceStart(VideoCodec codec, byte[] configuration) {
      this(codec, 0, configuration);
    }

    @Override
    public String toString() {
      return codec + " configuration " + ByteBufUtil.hexDump(configuration);
    }
  }

  /**
   * One access unit.
   *
   * @param key what the sender says: FrameType 1 or 4
   * @param compositionOffsetMs presentation minus decoding time, −2²³ … 2²³−1 ms; 0 where the codec
   *     has none
   * @param timestampOffsetNanos to be added to the message's timestamp, 0–999 999 from senders that
   *     keep to the specification, never over 2²⁴−1
   * @param payload when parsed a slice of the body that is <em>derived, not retained</em>: it lives
   *     as long as the body does; retain it to keep it
   */
  record CodedFrames(
      VideoCodec codec,
      int trackId,
      boolean key,
      int compositionOffsetMs,
      int timestampOffsetNanos,
      ByteBuf payload)
      implements VideoTag {
    /** Of track 0, on the millisecond. */
    public CodedFrames(VideoCodec codec, boolean key, int compositionOffsetMs, ByteBuf payload) {
      this(codec, 0, key, compositionOffsetMs, 0, payload);
    }
  }

  /** No more access units will follow in this sequence. */
  record SequenceEnd(VideoCodec codec, int trackId) implements VideoTag {
    /** Of track 0. */
    public SequenceEnd(VideoCodec codec) {
      this(codec, 0);
    }
  }

  /**
   * What holds from the next picture on.
   *
   * @param payload AMF: a string, {@code colorInfo}, and an object, which {@link ColourInfo} reads;
   *     a slice as in {@link CodedFrames}
   */
  record Metadata(VideoCodec codec, int trackId, ByteBuf payload) implements VideoTag {}

  /**
   * A note to a player, without a picture.
   *
   * @param code 0 start and 1 end of client-side seeking; others are private
   */
  record Command(int code) implements VideoTag {
    @Override
    public int trackId() {
      return 0;
    }
  }

  /**
   * Reads a body from its reader index to its end, and gives each of its tags to {@code tags} in
   * order; borrows the body, and leaves its indices alone. At most 32 tags.
   *
   * @param body not empty: senders do produce empty messages, which callers drop
   * @throws MediaFormatException malformed, or unsupported with the codec named; tags before the
   *     broken one have been given
   */
  static void parse(ByteBuf body, Consumer<? super VideoTag> tags) {
    VideoTagSyntax.parse(body, tags);
  }

  /**
   * Reads a body with one tag, as all but multitrack messages have; as {@link #parse(ByteBuf,
   * Consumer)} otherwise.
   *
   * @throws MediaFormatException also unsupported where there are several
   */
  static VideoTag parse(ByteBuf body) {
    return OnlyTag.of(sink -> parse(body, sink));
  }

  /**
   * Appends the body to {@code out}, in FLV's own header where that can carry it (H.264 of track 0
   * on the millisecond), else in the enhanced one; borrows the payload and leaves its indices
   * alone.
   */
  default void write(ByteBuf out) {
    VideoTagSyntax.write(this, out);
  }

  /** As {@link #write}, always in the enhanced header. */
  default void writeEnhanced(ByteBuf out) {
    EnhancedVideo.write(this, out);
  }

  /**
   * Appends one multitrack message with all {@code tags}: ManyTracks, or ManyTracksManyCodecs where
   * they differ in codec. Borrows the payloads.
   *
   * @param tags of one kind, and alike in key frame, in whether there is a composition offset and
   *     in timestamp offset; no commands
   */
  static void writeMultitrack(List<? extends VideoTag> tags, ByteBuf out) {
    EnhancedVideo.writeMultitrack(tags, out);
  }
}
