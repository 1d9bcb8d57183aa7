package io.millrace.codec.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_LOG_ERROR;
import static org.bytedeco.ffmpeg.global.avutil.av_log_set_level;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;
import static org.bytedeco.ffmpeg.global.avutil.setLogCallback;

import io.millrace.codec.CodecException;
import io.millrace.natives.ProcessEnvironment;
import java.nio.charset.StandardCharsets;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.swresample;
import org.bytedeco.ffmpeg.global.swscale;

/** Loads FFmpeg once, keeps its and SVT-AV1's output off the console, and names its errors. */
final class Ffmpeg {
  /** Fatal messages only: SVT-AV1 of the 3.x line writes to stderr and takes no callback. */
  private static final String SVT_LOG_FATAL = "0";

  private static final String MAX_PHYSICAL_BYTES = "org.bytedeco.javacpp.maxPhysicalBytes";

  /** Held here: native code calls it, and the collector must not free it. */
  private static final FfmpegLog LOG;

  static {
    // JavaCPP throws when the whole process has grown beyond a multiple of the Java heap, which
    // encoders make it do; native memory is accounted for elsewhere.
    if (System.getProperty(MAX_PHYSICAL_BYTES) == null) {
      System.setProperty(MAX_PHYSICAL_BYTES, "0");
    }
    ProcessEnvironment.setIfAbsent("SVT_LOG", SVT_LOG_FATAL);
    avcodec.avcodec_version();
    swscale.swscale_version();
    swresample.swresample_version();
    LOG = new FfmpegLog();
    av_log_set_level(AV_LOG_ERROR);
    setLogCallback(LOG);
  }

  private Ffmpeg() {}

  /** Loads the libraries; cheap after the first time. */
  static void load() {
    // The static initialiser does it.
  }

  /**
   * Returns {@code result} unless it is an error.
   *
   * @throws CodecException naming {@code call}
   */
  static int check(int result, String call) {
    if (result < 0) {
      throw new CodecException(call + ": " + describe(result));
    }
    return result;
  }

  static String describe(int error) {
    byte[] text = new byte[128];
    av_strerror(error, text, text.length);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  /** Returns {@code pointer} unless FFmpeg had no memory or no such thing. */
  static <T> T present(@org.jspecify.annotations.Nullable T pointer, String call) {
    if (pointer == null) {
      throw new CodecException(call + ": returned nothing");
    }
    return pointer;
  }

  static void setTimeBase(AVCodecContext context, int ticksPerSecond) {
    context.time_base().num(1).den(ticksPerSecond);
    context.pkt_timebase().num(1).den(ticksPerSecond);
  }
}
