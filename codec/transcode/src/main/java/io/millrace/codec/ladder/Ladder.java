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
 * @param shed names of rungs that may be given up where there is not enough CPU, the first one
 *     first; others may be among them
 */
public record Ladder(
    List<VideoRung> video,
    @Nullable AudioRung audio,
    HdrMode hdr,
    Upscale upscale,
    List<String> shed) {
  /** What the last rung that may be given up stands back behind those that may not. */
  private static final int STANDS_BACK = 4;

  /** What each one stands back behind the next. */
  private static final int STANDS_FURTHER_BACK = 3;

  private static final int MOST_NICE = 19;

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

  /** Nothing of it may be given up. */
  public Ladder(List<VideoRung> video, @Nullable AudioRung audio, HdrMode hdr, Upscale upscale) {
    this(video, audio, hdr, upscale, List.of());
  }

  public Ladder {
    video = List.copyOf(video);
    shed = List.copyOf(shed);
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
    return new Ladder(otherVideo, otherAudio, hdr, upscale, shed);
  }

  /**
   * How much nicer (nice(2)) than decoding, sound and the rungs that stay a rung's encoder is: what
   * is given up first is the first that waits, so that a machine that is full for a moment takes it
   * from nobody else.
   */
  int standsBack(String rung) {
    List<String> own =
        shed.stream()
            .filter(name -> video.stream().anyMatch(each -> each.name().equals(name)))
            .toList();
    int place = own.indexOf(rung);
    return place < 0
        ? 0
        : Math.min(MOST_NICE, STANDS_BACK + STANDS_FURTHER_BACK * (own.size() - 1 - place));
  }

  /** True for PQ and HLG. */
  public static boolean isHdr(Colour colour) {
    return colour.transfer() == Colour.TRANSFER_PQ || colour.transfer() == Colour.TRANSFER_HLG;
  }
}
