package io.millrace.codec.ladder;

import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Engine;
import io.millrace.codec.Fallback;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.RateMode;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.svtav1.SvtAv1Engines;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The video encoders of this process: those of the FFmpeg bundle, the SVT-AV1 that {@link
 * SvtAv1Engines} chose, and the devices of the machine. Thread-safe.
 *
 * @param av1 owned by the caller
 * @param dev where devices are
 */
public record Engines(SvtAv1Engines av1, Path dev) implements VideoEncoders {
  private static final Logger LOG = LoggerFactory.getLogger(Engines.class);

  /** With the devices of this machine. */
  public Engines(SvtAv1Engines av1) {
    this(av1, Path.of("/dev"));
  }

  @Override
  public VideoEncoder open(EncoderSettings settings, NativeAccount account) {
    return settings.engine().isHardware()
        ? openHardware(settings, account)
        : openSoftware(settings, account);
  }

  private VideoEncoder openSoftware(EncoderSettings settings, NativeAccount account) {
    return switch (settings.engine()) {
      case X264 -> openX264(settings, account);
      case OPENH264 -> FfmpegEngines.openOpenH264(settings, account);
      case X265 -> FfmpegEngines.openX265(settings, account);
      case LIBVPX -> FfmpegEngines.openVp9(settings, account);
      case LIBAOM -> FfmpegEngines.openLibaom(settings, account);
      case SVT_AV1 -> av1.open(settings, account);
      case AUTO, NVENC, QSV, VAAPI, V4L2M2M ->
          throw new IllegalArgumentException("not software: " + settings.engine());
    };
  }

  /** OpenH264 stands in for x264 in a bundle without it, unless x264 was asked for. */
  private static VideoEncoder openX264(EncoderSettings settings, NativeAccount account) {
    if (settings.options().engine() == Engine.X264 && !FfmpegEngines.hasX264()) {
      throw new CodecException("x264 is not in this bundle: the GPL one has it");
    }
    return FfmpegEngines.openH264(settings, account);
  }

  private VideoEncoder openHardware(EncoderSettings settings, NativeAccount account) {
    try {
      return FfmpegEngines.openHardware(settings, dev, account);
    } catch (CodecException e) {
      if (settings.options().fallback() == Fallback.FAIL) {
        throw e;
      }
      EncoderOptions options = settings.options().withEngine(Engine.AUTO, Fallback.FAIL);
      Engine software = options.engine().resolve(settings.codec());
      LOG.atWarn()
          .addKeyValue("wanted", settings.engine().word())
          .addKeyValue("instead", software.word())
          .addKeyValue("width", settings.width())
          .addKeyValue("height", settings.height())
          .addKeyValue("reason", e.getMessage())
          .log("hardware encoder is not there, software encodes instead");
      EncoderSettings instead =
          settings.with(
              softwareOptions(options, software), software.usualPreset(settings.profile()));
      return new StandIn(openSoftware(instead, account), String.valueOf(e.getMessage()));
    }
  }

  /** What a device was asked for and the software cannot do is left out. */
  private static EncoderOptions softwareOptions(EncoderOptions options, Engine software) {
    EncoderOptions left =
        options.bFrames() > software.maxBFrames()
            ? options.withBFrames(EncoderOptions.UNSET)
            : options;
    return software == Engine.SVT_AV1
        ? left.withRate(RateMode.PROFILE, EncoderOptions.UNSET).withBFrames(EncoderOptions.UNSET)
        : left;
  }

  /** The H.264 engine's name: {@code libx264}, or {@code libopenh264} in the LGPL bundle. */
  public static String h264() {
    return FfmpegEngines.hasX264() ? "libx264" : "libopenh264";
  }
}
