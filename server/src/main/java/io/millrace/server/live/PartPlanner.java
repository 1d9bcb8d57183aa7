package io.millrace.server.live;

import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.timeline.Cadence;
import java.time.Duration;
import java.util.Map;

/**
 * How long the parts of a segment are, in every rendition: the configured duration as a whole
 * number of the main video's frames, so that a part ends with a frame, and of at least {@link
 * #MIN_AUDIO_FRAMES} of every audio track. Without video, the configured duration.
 *
 * <p>Not thread-safe.
 */
final class PartPlanner {
  /**
   * An audio part has as many frames as start between two lines of the grid: n or n + 1. Each is to
   * last 85 % of the longest at least (RFC 8216bis §4.4.4.9), and 6/7 is.
   */
  private static final int MIN_AUDIO_FRAMES = 6;

  /** What audio is encoded to, at the sample rate that makes its frames longest. */
  private static final long ENCODED_FRAME_TICKS = audioFrameTicks(1024, 44_100);

  private final long partTicks;
  private final Cadence cadence = new Cadence();

  /** Between frames of the main video when that was sure last; 0: never yet. */
  private long steadyTicks;

  /**
   * @param part zero: no parts
   */
  PartPlanner(Duration part) {
    partTicks = Timescale.MICROS.rescale(part.toNanos() / 1_000, Timescale.VIDEO);
  }

  /** Takes the decoding time of a frame of the main video. */
  void video(long dtsTicks) {
    cadence.add(dtsTicks);
    if (cadence.steadyTicks() > 0) {
      steadyTicks = cadence.steadyTicks();
    }
  }

  /** Another source follows. */
  void restart() {
    cadence.restart();
    steadyTicks = 0;
  }

  /**
   * For a segment that starts; 0: it has no parts.
   *
   * @param formats by track
   */
  long partTicks(Map<Integer, TrackFormat> formats) {
    if (partTicks == 0) {
      return 0;
    }
    long leastTicks = leastTicks(formats);
    if (!(formats.get(TrackEvent.VIDEO_TRACK) instanceof TrackFormat.Video video)) {
      return Math.max(partTicks, leastTicks);
    }
    long frameTicks = frameTicks(video);
    if (frameTicks <= 0) {
      return Math.max(partTicks, leastTicks);
    }
    long frames = Math.max(1, (partTicks + frameTicks / 2) / frameTicks);
    return Math.max(frames, Math.ceilDiv(leastTicks, frameTicks)) * frameTicks;
  }

  /** As measured; before that, as announced. */
  private long frameTicks(TrackFormat.Video video) {
    if (steadyTicks > 0 || video.frameRate() == null) {
      return steadyTicks;
    }
    return Timescale.scale(
        Timescale.VIDEO.ticksPerSecond(),
        video.frameRate().denominator(),
        video.frameRate().numerator());
  }

  private static long leastTicks(Map<Integer, TrackFormat> formats) {
    long longestTicks = 0;
    for (TrackFormat format : formats.values()) {
      if (format instanceof TrackFormat.Audio audio) {
        long ticks = audioFrameTicks(audio.samplesPerFrame(), audio.sampleRate());
        longestTicks = Math.max(longestTicks, Math.max(ENCODED_FRAME_TICKS, ticks));
      }
    }
    return MIN_AUDIO_FRAMES * longestTicks;
  }

  private static long audioFrameTicks(long samples, long sampleRate) {
    return Math.ceilDiv(samples * Timescale.VIDEO.ticksPerSecond(), sampleRate);
  }
}
