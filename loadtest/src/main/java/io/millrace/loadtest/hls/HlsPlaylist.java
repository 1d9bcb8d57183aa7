package io.millrace.loadtest.hls;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A playlist, as far as following a stream needs it (RFC 8216 §4). */
public sealed interface HlsPlaylist {

  /** Lists the renditions of a presentation (§4.3.4). */
  record Multivariant(List<Variant> variants, List<AudioRendition> audio) implements HlsPlaylist {
    public Multivariant {
      variants = List.copyOf(variants);
      audio = List.copyOf(audio);
    }
  }

  /**
   * EXT-X-STREAM-INF (§4.3.4.2).
   *
   * @param audioGroup the group that carries the variant's audio; null when it is inside
   */
  record Variant(String uri, long bandwidthBps, @Nullable String audioGroup) {}

  /**
   * EXT-X-MEDIA of type AUDIO (§4.3.4.1).
   *
   * @param uri null when the audio is inside the variant
   */
  record AudioRendition(String group, @Nullable String uri) {}

  /**
   * The segments of one rendition (§4.3.3).
   *
   * @param ended EXT-X-ENDLIST: nothing follows
   */
  record Media(int targetDurationS, List<Segment> segments, boolean ended) implements HlsPlaylist {
    public Media {
      segments = List.copyOf(segments);
    }
  }

  /**
   * One segment.
   *
   * @param sequence its media sequence number (§4.3.3.2)
   * @param mapUri the initialisation section it needs (§4.3.2.5); null for MPEG-TS
   * @param gap EXT-X-GAP: there are no bytes to fetch
   */
  record Segment(
      long sequence, String uri, @Nullable String mapUri, long durationUs, boolean gap) {}

  /**
   * Reads a playlist; tags that it does not know are passed over (§6.3.1).
   *
   * @throws IllegalArgumentException when it is no playlist, with what is wrong
   */
  static HlsPlaylist parse(String text) {
    return new HlsPlaylistParser().parse(text);
  }
}
