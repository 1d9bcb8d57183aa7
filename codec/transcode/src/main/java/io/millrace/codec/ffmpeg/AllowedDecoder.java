package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_decoder_by_name;
import static org.bytedeco.ffmpeg.global.avutil.av_strdup;

import io.millrace.codec.CodecException;
import io.millrace.media.AudioCodec;
import io.millrace.media.VideoCodec;
import java.util.List;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.javacpp.BytePointer;

/**
 * The decoders of FFmpeg that a stream's bytes may reach, of the several hundred that the bundle
 * has, by their own names. They are asked for by name, and the context is told the name too ({@code
 * codec_whitelist}), so that nothing in the bytes can choose another one. No demuxer, protocol or
 * filter of FFmpeg is used at all.
 */
enum AllowedDecoder {
  H264("h264"),
  HEVC("hevc"),
  VP9("vp9"),
  /** FFmpeg's own one, {@code av1}, only drives hardware. */
  AV1("libaom-av1", "libdav1d"),
  AAC("aac"),
  OPUS("opus"),
  MP3("mp3float", "mp3");

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of
  private final List<String> names;

  AllowedDecoder(String... names) {
    this.names = List.of(names);
  }

  static AllowedDecoder of(VideoCodec codec) {
    return switch (codec) {
      case H264 -> H264;
      case HEVC -> HEVC;
      case VP9 -> VP9;
      case AV1 -> AV1;
    };
  }

  static AllowedDecoder of(AudioCodec codec) {
    return switch (codec) {
      case AAC -> AAC;
      case OPUS -> OPUS;
      case MP3 -> MP3;
    };
  }

  /**
   * The first of the names that the bundle has.
   *
   * @throws CodecException where it has none
   */
  AVCodec find() {
    for (String name : names) {
      AVCodec found = avcodec_find_decoder_by_name(name);
      if (found != null) {
        return found;
      }
    }
    throw new CodecException("no decoder for " + this + " in the bundle: " + names);
  }

  /** Lets {@code context} open this decoder and no other; FFmpeg frees the copy of the names. */
  void confine(AVCodecContext context) {
    try (BytePointer listed = new BytePointer(String.join(",", names))) {
      context.codec_whitelist(Ffmpeg.present(av_strdup(listed), "av_strdup"));
    }
  }
}
