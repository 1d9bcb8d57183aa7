package io.millrace.codec.ladder;

import io.millrace.media.Colour;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An immutable plan of encoded renditions, in the order in which a viewer would want them kept.
 *
 * @param video at most 16 rungs with distinct names
 * @param audio null when audio is none of the transcoder's business
 * @param hdr what becomes of a source in high dynamic range
 * @param upscale what becomes of a rung that is larger than the source
 */
public record Ladder(
    List<VideoRung> video, @Nullable AudioRung audio, HdrMode hdr, Upscale upscale) {
  /** What becomes of a source in high dynamic range. */
  public enum HdrMode {
    /** Its rungs are in standard dynamic range (BT.709). */
    TONEMAP,
    /** It has none: only the publisher's own video is served. */
    PASSTHROUGH
  }

  /** What becomes of a rung that is larger than the source. */
  public enum Upscale {
    /** It is left out. */
    NEVER,
    /** It has the source's size, once a codec. */
    CLAMP,
    /** It is scaled up. */
    ALLOW
  }

  /** Tone-mapped where the source is in high dynamic range, and never scaled up. */
  public Ladder(List<VideoRung> video, @Nullable AudioRung audio) {
    this(video, audio, HdrMode.TONEMAP, Upscale.NEVER);
  }

  public Ladder {
    video = List.copyOf(video);
    if (video.size() > 16) {
      throw new IllegalArgumentException("more than 16 rungs");
    }
    Set<String> names = new HashSet<>();
    for (VideoRung rung : video) {
      if (!names.add(rung.name())) {
        throw new IllegalArgumentException("two rungs are named " + rung.name());
      }
    }
  }

  /** The same with other renditions. */
  public Ladder with(List<VideoRung> otherVideo, @Nullable AudioRung otherAudio) {
    return new Ladder(otherVideo, otherAudio, hdr, upscale);
  }

  /** True for PQ and HLG. */
  public static boolean isHdr(Colour colour) {
    return colour.transfer() == Colour.TRANSFER_PQ || colour.transfer() == Colour.TRANSFER_HLG;
  }
}
