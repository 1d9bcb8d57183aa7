package io.millrace.media.flv;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/** Both directions of {@link AudioTag} in FLV's own header. */
final class AudioTagSyntax {
  private static final int FORMAT_MP3 = 2;
  private static final int FORMAT_ENHANCED = 9;
  private static final int FORMAT_AAC = 10;
  private static final int FORMAT_MP3_8_KHZ = 14;
  private static final int AAC_FIRST_BYTE = FORMAT_AAC << 4 | 0x0F;
  private static final int SEQUENCE_HEADER = 0;
  private static final int RAW = 1;
  private static final int AAC_HEADER_SIZE_BYTES = 2;

  private AudioTagSyntax() {}

  static void parse(ByteBuf body, Consumer<? super AudioTag> tags) {
    require(body.isReadable(), "empty");
    int start = body.readerIndex();
    int soundFormat = body.getUnsignedByte(start) >> 4;
    switch (soundFormat) {
      case FORMAT_ENHANCED -> EnhancedAudio.parse(body, tags);
      case FORMAT_AAC -> tags.accept(aac(body));
      case FORMAT_MP3, FORMAT_MP3_8_KHZ ->
          tags.accept(
              new AudioTag.CodedFrames(
                  AudioCodec.MP3, body.slice(start + 1, body.readableBytes() - 1)));
      default -> throw MediaFormatException.unsupported("audio codec " + codecName(soundFormat));
    }
  }

  private static AudioTag aac(ByteBuf body) {
    int size = body.readableBytes();
    require(size >= AAC_HEADER_SIZE_BYTES, "ends before AACPacketType");
    int content = body.readerIndex() + AAC_HEADER_SIZE_BYTES;
    int contentSize = size - AAC_HEADER_SIZE_BYTES;
    int packetType = body.getUnsignedByte(content - 1);
    return switch (packetType) {
      case SEQUENCE_HEADER -> {
        byte[] configuration = new byte[contentSize];
        body.getBytes(content, configuration);
        yield new AudioTag.SequenceStart(AudioCodec.AAC, configuration);
      }
      case RAW -> new AudioTag.CodedFrames(AudioCodec.AAC, body.slice(content, contentSize));
      default -> throw MediaFormatException.malformed("FLV audio tag: AACPacketType " + packetType);
    };
  }

  static void write(AudioTag tag, ByteBuf out) {
    boolean plain = tag.trackId() == 0 && tag.codec() == AudioCodec.AAC;
    switch (tag) {
      case AudioTag.SequenceStart start when plain ->
          out.writeByte(AAC_FIRST_BYTE)
              .writeByte(SEQUENCE_HEADER)
              .writeBytes(start.configuration());
      case AudioTag.CodedFrames frames when plain && frames.timestampOffsetNanos() == 0 -> {
        ByteBuf payload = frames.payload();
        out.writeByte(AAC_FIRST_BYTE).writeByte(RAW);
        out.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
      }
      case AudioTag.SequenceStart _,
          AudioTag.CodedFrames _,
          AudioTag.SequenceEnd _,
          AudioTag.MultichannelConfig _ ->
          EnhancedAudio.write(tag, out);
    }
  }

  private static String codecName(int soundFormat) {
    return soundFormat
        + switch (soundFormat) {
          case 0, 3 -> " (PCM)";
          case 1 -> " (ADPCM)";
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
