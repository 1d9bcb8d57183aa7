package io.millrace.media.flv;

import io.millrace.media.MediaFormatException;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Reads an Enhanced RTMP v2 header just far enough to name what is refused.
 *
 * <pre>
 * ExVideoTagHeader  1 bit 1 | 3 VideoFrameType | 4 VideoPacketType
 * ExAudioTagHeader  4 bits 9                   | 4 AudioPacketType
 *   then any number of ModEx: UI8 size − 1 (255: UI16 size − 1 follows), the data, 4 type | 4 PacketType
 *   then, for Multitrack: 4 AvMultitrackType | 4 PacketType
 *   then the FourCC of the (first) codec
 * </pre>
 */
final class EnhancedHeader {
  private static final int VIDEO_METADATA = 4;
  private static final int VIDEO_MULTITRACK = 6;
  private static final int VIDEO_MOD_EX = 7;
  private static final int AUDIO_MULTITRACK = 5;
  private static final int AUDIO_MOD_EX = 7;
  private static final int COMMAND_FRAME = 5;

  private EnhancedHeader() {}

  /** The refusal of a body whose first byte has bit 7 set; borrows it. */
  static MediaFormatException refuseVideo(ByteBuf body) {
    int first = body.getUnsignedByte(body.readerIndex());
    if ((first >> 4 & 7) == COMMAND_FRAME && (first & 0x0F) != VIDEO_METADATA) {
      return MediaFormatException.unsupported("Enhanced RTMP video command");
    }
    return refuse(body, "video", VIDEO_MOD_EX, VIDEO_MULTITRACK);
  }

  /** The refusal of a body with SoundFormat 9; borrows it. */
  static MediaFormatException refuseAudio(ByteBuf body) {
    return refuse(body, "audio", AUDIO_MOD_EX, AUDIO_MULTITRACK);
  }

  private static MediaFormatException refuse(
      ByteBuf body, String medium, int modEx, int multitrack) {
    int index = body.readerIndex();
    int end = body.writerIndex();
    int packetType = body.getUnsignedByte(index++) & 0x0F;
    while (packetType == modEx) {
      int size = index < end ? body.getUnsignedByte(index++) + 1 : 0;
      if (size == 256 && end - index >= 2) {
        size = body.getUnsignedShort(index) + 1;
        index += 2;
      }
      if (size == 0 || size >= end - index) {
        return endsEarly(medium);
      }
      index += size;
      packetType = body.getUnsignedByte(index++) & 0x0F;
    }
    boolean manyTracks = packetType == multitrack;
    if (manyTracks) {
      index++;
    }
    if (end - index < 4) {
      return endsEarly(medium);
    }
    String codec = codecName(body.toString(index, 4, StandardCharsets.ISO_8859_1));
    return MediaFormatException.unsupported(
        medium + " codec " + codec + (manyTracks ? " in a multitrack message" : ""));
  }

  private static MediaFormatException endsEarly(String medium) {
    return MediaFormatException.malformed("Enhanced RTMP " + medium + " header: ends early");
  }

  private static String codecName(String fourCc) {
    return switch (fourCc) {
      case "avc1" -> "avc1 (H.264 in an Enhanced RTMP header)";
      case "hvc1" -> "hvc1 (HEVC)";
      case "vvc1" -> "vvc1 (VVC)";
      case "av01" -> "av01 (AV1)";
      case "vp08" -> "vp08 (VP8)";
      case "vp09" -> "vp09 (VP9)";
      case "mp4a" -> "mp4a (AAC in an Enhanced RTMP header)";
      case "Opus" -> "Opus";
      case "fLaC" -> "fLaC (FLAC)";
      case "ac-3" -> "ac-3 (AC-3)";
      case "ec-3" -> "ec-3 (E-AC-3)";
      case ".mp3" -> ".mp3 (MP3)";
      default -> printable(fourCc);
    };
  }

  /** Foreign bytes go into logs and status messages: only letters, digits, points and dashes do. */
  private static String printable(String fourCc) {
    return fourCc.replaceAll("[^A-Za-z0-9.-]", "?");
  }
}
