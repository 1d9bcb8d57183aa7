package io.millrace.media.flv;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.VideoCodec;

/** The codecs of Enhanced RTMP v2 by their four characters (VideoFourCc, AudioFourCc). */
final class FourCc {
  private static final int AVC = 0x61766331; // avc1
  private static final int HEVC = 0x68766331; // hvc1
  private static final int AV1 = 0x61763031; // av01
  private static final int VP9 = 0x76703039; // vp09
  private static final int OPUS = 0x4F707573; // Opus
  private static final int AAC = 0x6D703461; // mp4a
  private static final int MP3 = 0x2E6D7033; // .mp3

  private FourCc() {}

  /**
   * @throws MediaFormatException unsupported, with the codec named
   */
  static VideoCodec video(int fourCc) {
    return switch (fourCc) {
      case AVC -> VideoCodec.H264;
      case HEVC -> VideoCodec.HEVC;
      case AV1 -> VideoCodec.AV1;
      case VP9 -> VideoCodec.VP9;
      default -> throw MediaFormatException.unsupported("video codec " + name(fourCc));
    };
  }

  /**
   * @throws MediaFormatException unsupported, with the codec named
   */
  static AudioCodec audio(int fourCc) {
    return switch (fourCc) {
      case OPUS -> AudioCodec.OPUS;
      case AAC -> AudioCodec.AAC;
      case MP3 -> AudioCodec.MP3;
      default -> throw MediaFormatException.unsupported("audio codec " + name(fourCc));
    };
  }

  static int of(VideoCodec codec) {
    return switch (codec) {
      case H264 -> AVC;
      case HEVC -> HEVC;
      case AV1 -> AV1;
      case VP9 -> VP9;
    };
  }

  static int of(AudioCodec codec) {
    return switch (codec) {
      case OPUS -> OPUS;
      case AAC -> AAC;
      case MP3 -> MP3;
    };
  }

  /** Foreign bytes go into logs and status messages: only letters, digits, points and dashes do. */
  private static String name(int fourCc) {
    StringBuilder name = new StringBuilder(4);
    for (int shift = 24; shift >= 0; shift -= 8) {
      char c = (char) (fourCc >> shift & 0xFF);
      boolean plain = c < 0x80 && (Character.isLetterOrDigit(c) || c == '.' || c == '-');
      name.append(plain ? c : '?');
    }
    String text = name.toString();
    return text
        + switch (text) {
          case "vvc1" -> " (VVC)";
          case "vp08" -> " (VP8)";
          case "fLaC" -> " (FLAC)";
          case "ac-3" -> " (AC-3)";
          case "ec-3" -> " (E-AC-3)";
          default -> "";
        };
  }
}
