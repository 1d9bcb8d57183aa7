package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;
import io.netty.buffer.ByteBuf;

/** Both directions of {@link VideoTag}. */
final class VideoTagSyntax {
  private static final int KEY_FRAME = 1;
  private static final int INTER_FRAME = 2;
  private static final int GENERATED_KEY_FRAME = 4;
  private static final int COMMAND_FRAME = 5;
  private static final int CODEC_AVC = 7;
  private static final int SEQUENCE_HEADER = 0;
  private static final int NALU = 1;
  private static final int END_OF_SEQUENCE = 2;
  private static final int AVC_HEADER_SIZE_BYTES = 5;

  private VideoTagSyntax() {}

  static VideoTag parse(ByteBuf body) {
    int start = body.readerIndex();
    int size = body.readableBytes();
    require(size >= 1, "empty");
    int first = body.getUnsignedByte(start);
    if ((first & 0x80) != 0) {
      throw EnhancedHeader.refuseVideo(body);
    }
    int frameType = first >> 4;
    int codecId = first & 0x0F;
    if (frameType == COMMAND_FRAME) {
      require(size >= 2, "command without its code");
      return new VideoTag.Command(body.getUnsignedByte(start + 1));
    }
    if (codecId != CODEC_AVC) {
      throw MediaFormatException.unsupported("video codec " + codecName(codecId));
    }
    require(frameType >= KEY_FRAME && frameType <= GENERATED_KEY_FRAME, "FrameType " + frameType);
    require(size >= AVC_HEADER_SIZE_BYTES, "ends inside the AVC packet header");
    int content = start + AVC_HEADER_SIZE_BYTES;
    int contentSize = size - AVC_HEADER_SIZE_BYTES;
    int packetType = body.getUnsignedByte(start + 1);
    return switch (packetType) {
      case SEQUENCE_HEADER -> {
        byte[] configuration = new byte[contentSize];
        body.getBytes(content, configuration);
        yield new VideoTag.SequenceHeader(VideoCodec.H264, configuration);
      }
      case NALU ->
          new VideoTag.CodedFrames(
              VideoCodec.H264,
              frameType == KEY_FRAME || frameType == GENERATED_KEY_FRAME,
              body.getMedium(start + 2),
              body.slice(content, contentSize));
      case END_OF_SEQUENCE -> new VideoTag.EndOfSequence(VideoCodec.H264);
      default -> throw MediaFormatException.malformed("FLV video tag: AVCPacketType " + packetType);
    };
  }

  static void write(VideoTag tag, ByteBuf out) {
    switch (tag) {
      case VideoTag.SequenceHeader header -> {
        avcHeader(out, header.codec(), KEY_FRAME, SEQUENCE_HEADER, 0);
        out.writeBytes(header.configuration());
      }
      case VideoTag.CodedFrames frames -> {
        int frameType = frames.key() ? KEY_FRAME : INTER_FRAME;
        avcHeader(out, frames.codec(), frameType, NALU, frames.compositionOffsetMs());
        ByteBuf payload = frames.payload();
        out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
      }
      case VideoTag.EndOfSequence end -> avcHeader(out, end.codec(), KEY_FRAME, END_OF_SEQUENCE, 0);
      case VideoTag.Command command ->
          out.writeByte(COMMAND_FRAME << 4 | CODEC_AVC).writeByte(command.code());
    }
  }

  private static void avcHeader(
      ByteBuf out, VideoCodec codec, int frameType, int packetType, int compositionOffsetMs) {
    if (codec != VideoCodec.H264) {
      throw new IllegalArgumentException("FLV's own header carries H.264 only, not " + codec);
    }
    if (compositionOffsetMs != compositionOffsetMs << 8 >> 8) {
      throw new IllegalArgumentException("composition time beyond 24 bits: " + compositionOffsetMs);
    }
    out.writeByte(frameType << 4 | CODEC_AVC)
        .writeByte(packetType)
        .writeMedium(compositionOffsetMs);
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
          case 12 -> " (HEVC without an Enhanced RTMP header)";
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
