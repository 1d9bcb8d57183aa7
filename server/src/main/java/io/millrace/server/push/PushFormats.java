package io.millrace.server.push;

import io.millrace.media.AudioCodec;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.transport.rtmp.RtmpCapabilities;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a server is told of formats, and what it takes. */
final class PushFormats {
  private static final double FLV_H264 = 7;
  private static final double FLV_AAC = 10;

  private PushFormats() {}

  /**
   * Why a server cannot be sent a format, for an operator; null where it can. H.264 and AAC have a
   * place in RTMP 1.0; anything else a server has to name (Enhanced RTMP v1, "fourCcList", v2
   * "videoFourCcInfoMap").
   */
  static @Nullable String refusal(TrackFormat format, RtmpCapabilities server) {
    String fourCc =
        switch (format) {
          case TrackFormat.Video video -> video.codec() == VideoCodec.H264 ? null : fourCc(video);
          case TrackFormat.Audio audio -> audio.codec() == AudioCodec.AAC ? null : fourCc(audio);
          case TrackFormat.Text _ -> null;
        };
    return fourCc == null || server.names(fourCc)
        ? null
        : "the server does not say that it takes " + name(format) + " (Enhanced RTMP)";
  }

  /** True where a server has to be told by a new publish: decoders and pages are set up by it. */
  static boolean isAnother(TrackFormat before, TrackFormat now) {
    return switch (before) {
      case TrackFormat.Video video ->
          !(now instanceof TrackFormat.Video next)
              || video.codec() != next.codec()
              || video.width() != next.width()
              || video.height() != next.height();
      case TrackFormat.Audio audio ->
          !(now instanceof TrackFormat.Audio next)
              || audio.codec() != next.codec()
              || audio.sampleRate() != next.sampleRate()
              || audio.channels() != next.channels();
      case TrackFormat.Text _ -> false;
    };
  }

  /** {@code onMetaData}, plain values. */
  static Map<String, Object> metadata(Iterable<TrackFormat> formats) {
    Map<String, Object> said = new LinkedHashMap<>();
    said.put("encoder", "Millrace");
    for (TrackFormat format : formats) {
      switch (format) {
        case TrackFormat.Video video -> {
          said.put("width", (double) video.width());
          said.put("height", (double) video.height());
          if (video.frameRate() != null) {
            said.put("framerate", video.frameRate().toDouble());
          }
          boolean plain = video.codec() == VideoCodec.H264;
          said.put("videocodecid", plain ? FLV_H264 : number(fourCc(video)));
        }
        case TrackFormat.Audio audio -> {
          said.put("audiosamplerate", (double) audio.sampleRate());
          said.put("audiosamplesize", 16.0);
          said.put("stereo", audio.channels() > 1);
          boolean plain = audio.codec() == AudioCodec.AAC;
          said.put("audiocodecid", plain ? FLV_AAC : number(fourCc(audio)));
        }
        case TrackFormat.Text _ -> {}
      }
    }
    return said;
  }

  private static String fourCc(TrackFormat.Video video) {
    return switch (video.codec()) {
      case H264 -> "avc1";
      case HEVC -> "hvc1";
      case AV1 -> "av01";
      case VP9 -> "vp09";
    };
  }

  private static String fourCc(TrackFormat.Audio audio) {
    return switch (audio.codec()) {
      case AAC -> "mp4a";
      case OPUS -> "Opus";
      case MP3 -> ".mp3";
    };
  }

  private static String name(TrackFormat format) {
    return switch (format) {
      case TrackFormat.Video video -> video.codec().name();
      case TrackFormat.Audio audio -> audio.codec().name();
      case TrackFormat.Text text -> text.codecs();
    };
  }

  /** A FourCC as {@code videocodecid} has it: its four bytes as one number, big-endian. */
  private static double number(String fourCc) {
    long number = 0;
    for (int i = 0; i < fourCc.length(); i++) {
      number = number << 8 | fourCc.charAt(i);
    }
    return number;
  }
}
