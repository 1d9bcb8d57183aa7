package io.millrace.codec.ladder;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.svtav1.SvtAv1Engines;

/**
 * The video encoders of this process: H.264 from the FFmpeg bundle, AV1 from the SVT-AV1 that
 * {@link SvtAv1Engines} chose. Thread-safe.
 */
public record Engines(SvtAv1Engines av1) implements VideoEncoders {
  @Override
  public VideoEncoder open(EncoderSettings settings, NativeAccount account) {
    return switch (settings.codec()) {
      case H264 -> FfmpegEngines.openH264(settings, account);
      case AV1 -> av1.open(settings, account);
      case HEVC, VP9 -> throw new CodecException("no encoder for " + settings.codec());
    };
  }

  /** The H.264 engine's name: {@code libx264}, or {@code libopenh264} in the LGPL bundle. */
  public static String h264() {
    return FfmpegEngines.hasX264() ? "libx264" : "libopenh264";
  }
}
