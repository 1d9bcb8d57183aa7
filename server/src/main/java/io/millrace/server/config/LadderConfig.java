package io.millrace.server.config;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.Profile;
import io.millrace.codec.ladder.Ladder.HdrMode;
import io.millrace.codec.ladder.Ladder.Upscale;
import io.millrace.media.AudioCodec;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The renditions of a stream, as configured.
 *
 * @param segment target duration: cuts are at the first source key frame at or after it
 * @param part target duration of a part of a segment, no longer than the segment; zero: none
 * @param video in the order that a viewer would want them kept; not empty, names unique
 * @param hdr what becomes of a source in high dynamic range
 * @param upscale what becomes of a rung that is larger than the source
 * @param idleAfter how long watched-only rungs are encoded after the last request
 */
public record LadderConfig(
    Duration segment,
    Duration part,
    Audio audio,
    List<Video> video,
    HdrMode hdr,
    Upscale upscale,
    Duration idleAfter,
    Budget budget) {

  public LadderConfig {
    video = List.copyOf(video);
  }

  /** Whether anything has to be encoded for it. */
  public boolean encodes() {
    return !(audio instanceof Audio.Passthrough)
        || video.stream().anyMatch(rung -> !(rung instanceof Video.Passthrough));
  }

  /**
   * What encoding may take.
   *
   * @param cpuPercent of the machine, by all streams
   * @param shed names of rungs to give up under overload, and {@link #FASTER} and {@link
   *     #HALF_RATE}, first to last
   */
  public record Budget(int cpuPercent, List<String> shed) {
    /** All rungs of a stream have a faster preset. */
    public static final String FASTER = "faster";

    /** All rungs of a stream have half their frame rate. */
    public static final String HALF_RATE = "half-rate";

    public Budget {
      shed = List.copyOf(shed);
    }
  }

  /** The one audio rendition. */
  public sealed interface Audio {
    /** The publisher's own audio. */
    record Passthrough() implements Audio {}

    /**
     * Encoded again.
     *
     * @param codec AAC or OPUS
     * @param loudnessLufs null leaves the loudness alone
     */
    record Encoded(AudioCodec codec, long bitrateBps, @Nullable Double loudnessLufs)
        implements Audio {}
  }

  /** A video rendition, named as in its URLs. */
  public sealed interface Video {
    String name();

    /** The publisher's own access units. */
    record Passthrough(String name) implements Video {}

    /**
     * An encoded rung.
     *
     * @param heightPx the short side of the displayed picture
     * @param preset one of its engine's; null for the profile's own
     * @param maxFrameRate null for the source's own
     * @param options engine, rate control and the like
     * @param watched whether it is encoded only while somebody watches
     */
    record Encoded(
        String name,
        VideoCodec codec,
        int heightPx,
        long bitrateBps,
        @Nullable String preset,
        Profile profile,
        @Nullable Rational maxFrameRate,
        EncoderOptions options,
        boolean watched)
        implements Video {}
  }
}
