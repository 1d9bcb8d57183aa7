package io.millrace.codec.monitor;

import io.millrace.codec.AudioDecoder;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.ffmpeg.FfmpegAudioDecoder;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.time.Duration;

/**
 * Decodes the sound of one format and looks for its peaks: silence is what stays below −60 dBFS in
 * every channel. Dither and the noise of an open converter are far below, the hum of an open line
 * and a quiet room are above. One thread.
 */
final class SoundWatch implements AutoCloseable {
  static final float SILENT_PEAK = 0.001f;

  private static final int MAX_CHANNELS = 2;

  private final AudioDecoder decoder;
  private final Timescale timescale;
  private final int samplesPerFrame;
  private final Spell silent = new Spell();

  /**
   * @throws io.millrace.codec.CodecException when there is no decoder for the format
   */
  SoundWatch(TrackFormat.Audio format, NativeAccount account) {
    int channels = Math.min(MAX_CHANNELS, format.channels());
    this.decoder = new FfmpegAudioDecoder(format, format.sampleRate(), channels, account);
    this.timescale = format.timescale();
    this.samplesPerFrame = format.samplesPerFrame();
  }

  /** Borrows {@code sample}; one that does not decode changes nothing. */
  void frame(TrackEvent.Sample sample) {
    long startTicks = sample.ptsTicks();
    decoder.decode(
        sample,
        (channels, count, ptsTicks) -> {
          if (isSilent(channels, count)) {
            silent.holds(startTicks, startTicks + samplesPerFrame, timescale);
          } else {
            silent.ends();
          }
        });
  }

  private static boolean isSilent(float[][] channels, int count) {
    for (float[] channel : channels) {
      for (int i = 0; i < count; i++) {
        if (Math.abs(channel[i]) >= SILENT_PEAK) {
          return false;
        }
      }
    }
    return true;
  }

  Duration silent() {
    return silent.lasted();
  }

  @Override
  public void close() {
    decoder.close();
  }
}
