package io.millrace.media.flv;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;

/** Both directions of {@link AudioTag}. */
final class AudioTagSyntax {
  private static final int FORMAT_ENHANCED = 9;
  private static final int FORMAT_AAC = 10;
  private static final int AAC_FIRST_BYTE = FORMAT_AAC << 4 | 0x0F;
  private static final int SEQUENCE_HEADER = 0;
  private static final int RAW = 1;
  private static final int AAC_HEADER_SIZE_BYTES = 2;

  private AudioTagSyntax() {}

  static AudioTag parse(ByteBuf body) {
    int start = body.readerIndex();
    int size = body.readableBytes();
    require(size >= 1, "empty");
    int soundFormat = body.getUnsignedByte(start) >> 4;
    if (soundFormat == FORMAT_ENHANCED) {
      throw EnhancedHeader.refuseAudio(body);
    }
    if (soundFormat != FORMAT_AAC) {
      throw MediaFormatException.unsupported("audio codec " + codecName(soundFormat));
    }
    require(size >= AAC_HEADER_SIZE_BYTES, "ends before AACPacketType");
    int content = start + AAC_HEADER_SIZE_BYTES;
    int contentSize = size - AAC_HEADER_SIZE_BYTES;
    int packetType = body.getUnsignedByte(start + 1);
    return switch (packetType) {
      case SEQUENCE_HEADER -> {
        byte[] configuration = new byte[contentSize];
        body.getBytes(content, configuration);
        yield new AudioTag.SequenceHeader(AudioCodec.AAC, configuration);
      }
      case RAW -> new AudioTag.CodedFrames(AudioCodec.AAC, body.slice(content, contentSize));
      default -> throw MediaFormatException.malformed("FLV audio tag: AACPacketType " + packetType);
    };
  }

  static void write(AudioTag tag, ByteBuf out) {
    switch (tag) {
      case AudioTag.SequenceHeader header -> {
        aacHeader(out, header.codec(), SEQUENCE_HEADER);
        out.writeBytes(header.configuration());
      }
      case AudioTag.CodedFrames frames -> {
        aacHeader(out, frames.codec(), RAW);
        ByteBuf payload = frames.payload();
        out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
      }
    }
  }

  private static void aacHeader(ByteBuf out, AudioCodec codec, int packetType) {
    if (codec != AudioCodec.AAC) {
      throw new IllegalArgumentException("FLV's own header is written for AAC only, not " + codec);
    }
    out.writeByte(AAC_FIRST_BYTE).writeByte(packetType);
  }

  private static String codecName(int soundFormat) {
    return soundFormat
        + switch (soundFormat) {
          case 0, 3 -> " (PCM)";
          case 1 -> " (ADPCM)";
          case 2, 14 -> " (MP3)";
          case 4, 5, 6 -> " (Nellymoser)";
          case 7 -> " (G.711 A-law)";
          case 8 -> " (G.711 mu-law)";
          case 11 -> " (Speex)";
          case 13 -> " (Opus without an Enhanced RTMP header)";
          case 15 -> " (device-specific)";
          default -> "";
        };
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw MediaFormatException.malformed("FLV audio tag: " + what);
    }
  }
}
