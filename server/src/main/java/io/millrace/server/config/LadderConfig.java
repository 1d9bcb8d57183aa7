package io.millrace.server.config;

import io.millrace.codec.Profile;
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
 */
public record LadderConfig(Duration segment, Duration part, Audio audio, List<Video> video) {

  public LadderConfig {
    video = List.copyOf(video);
  }

  /** The one audio rendition. */
  public sealed interface Audio {
    /** The publisher's own audio. */
    record Passthrough() implements Audio {}

    /** Encoded again as AAC-LC. */
    record Aac(long bitrateBps) implements Audio {}
  }

  /** A video rendition, named as in its URLs. */
  public sealed interface Video {
    String name();

    /** The publisher's own access units. */
    record Passthrough(String name) implements Video {}

    /**
     * An encoded rung.
     *
     * @param codec H264 or AV1
     * @param heightPx the short side of the displayed picture
     * @param preset x264 preset name, or SVT-AV1 preset number; null for the profile's own
     * @param maxFrameRate null for the source's own
     */
    record Encoded(
        String name,
        VideoCodec codec,
        int heightPx,
        long bitrateBps,
        @Nullable String preset,
        Profile profile,
        @Nullable Rational maxFrameRate)
        implements Video {}
  }
}
