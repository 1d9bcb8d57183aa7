package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** Both directions of {@link VideoTag} in FLV's own header. */
final class VideoTagSyntax {
  static final int KEY_FRAME = 1;
  static final int INTER_FRAME = 2;
  static final int GENERATED_KEY_FRAME = 4;
  static final int COMMAND_FRAME = 5;
  private static final int ENHANCED = 0x80;
  private static final int CODEC_AVC = 7;
  private static final int CODEC_HEVC = 12;
  private static final int SEQUENCE_HEADER = 0;
  private static final int NALU = 1;
  private static final int END_OF_SEQUENCE = 2;
  private static final int HEADER_SIZE_BYTES = 5;

  private VideoTagSyntax() {}

  static void parse(ByteBuf body, Consumer<? super VideoTag> tags) {
    require(body.isReadable(), "empty");
    if ((body.getByte(body.readerIndex()) & ENHANCED) != 0) {
      EnhancedVideo.parse(body, tags);
    } else {
      tags.accept(parse(body));
    }
  }

  private static VideoTag parse(ByteBuf body) {
    int start = body.readerIndex();
    int size = body.readableBytes();
    int first = body.getUnsignedByte(start);
    int frameType = first >> 4;
    if (frameType == COMMAND_FRAME) {
      require(size >= 2, "command without its code");
      return new VideoTag.Command(body.getUnsignedByte(start + 1));
    }
    VideoCodec codec = codec(first & 0x0F);
    require(frameType >= KEY_FRAME && frameType <= GENERATED_KEY_FRAME, "FrameType " + frameType);
    require(size >= HEADER_SIZE_BYTES, "ends inside the packet header");
    int content = start + HEADER_SIZE_BYTES;
    int contentSize = size - HEADER_SIZE_BYTES;
    int packetType = body.getUnsignedByte(start + 1);
    return switch (packetType) {
      case SEQUENCE_HEADER -> {
        byte[] configuration = new byte[contentSize];
        body.getBytes(content, configuration);
        yield new VideoTag.SequenceStart(codec, configuration);
      }
      case NALU ->
          new VideoTag.CodedFrames(
              codec,
              frameType == KEY_FRAME || frameType == GENERATED_KEY_FRAME,
              body.getMedium(start + 2),
              body.slice(content, contentSize));
      case END_OF_SEQUENCE -> new VideoTag.SequenceEnd(codec);
      default -> throw MediaFormatException.malformed("FLV video tag: AVCPacketType " + packetType);
    };
  }

  static void write(VideoTag tag, ByteBuf out) {
    if (!fits(tag)) {
      EnhancedVideo.write(tag, out);
      return;
    }
    switch (tag) {
      case VideoTag.SequenceStart start -> {
        avcHeader(out, KEY_FRAME, SEQUENCE_HEADER, 0);
        out.writeBytes(start.configuration());
      }
      case VideoTag.CodedFrames frames -> {
        int frameType = frames.key() ? KEY_FRAME : INTER_FRAME;
        avcHeader(out, frameType, NALU, frames.compositionOffsetMs());
        ByteBuf payload = frames.payload();
        out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
      }
      case VideoTag.SequenceEnd _ -> avcHeader(out, KEY_FRAME, END_OF_SEQUENCE, 0);
      case VideoTag.Command command ->
          out.writeByte(COMMAND_FRAME << 4 | CODEC_AVC).writeByte(command.code());
      case VideoTag.Metadata _ -> throw new AssertionError("has no place in FLV's own header");
    }
  }

  private static boolean fits(VideoTag tag) {
    return tag.trackId() == 0
        && switch (tag) {
          case VideoTag.SequenceStart start -> start.codec() == VideoCodec.H264;
          case VideoTag.CodedFrames frames ->
              frames.codec() == VideoCodec.H264 && frames.timestampOffsetNanos() == 0;
          case VideoTag.SequenceEnd end -> end.codec() == VideoCodec.H264;
          case VideoTag.Metadata _ -> false;
          case VideoTag.Command _ -> true;
        };
  }

  private static void avcHeader(ByteBuf out, int frameType, int packetType, int offsetMs) {
    out.writeByte(frameType << 4 | CODEC_AVC).writeByte(packetType);
    writeCompositionOffset(out, offsetMs);
  }

  static void writeCompositionOffset(ByteBuf out, int offsetMs) {
    if (offsetMs != offsetMs << 8 >> 8) {
      throw new IllegalArgumentException("composition time beyond 24 bits: " + offsetMs);
    }
    out.writeMedium(offsetMs);
  }

  private static VideoCodec codec(int codecId) {
    return switch (codecId) {
      case CODEC_AVC -> VideoCodec.H264;
      case CODEC_HEVC -> VideoCodec.HEVC;
      default -> throw MediaFormatException.unsupported("video codec " + codecName(codecId));
    };
  }

  private static String codecName(int codecId) {
    return codecId
        + switch (codecId) {
          case 1 -> " (JPEG)";
          case 2 -> " (Sorenson H.263)";
          case 3 -> " (Screen video)";
          case 4 -> " (On2 VP6)";
          case 5 -> " (On2 VP6 with alpha)";
          case 6 -> " (Screen video 2)";
          case 8 -> " (H.263)";
          case 9 -> " (MPEG-4 Part 2)";
          case 13 -> " (AV1 without an Enhanced RTMP header)";
          default -> "";
        };
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw MediaFormatException.malformed("FLV video tag: " + what);
    }
  }
}
