package io.millrace.packager.crypt;

import io.millrace.media.TrackFormat;
import io.millrace.media.av1.Tiles;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.netty.buffer.ByteBuf;

/**
 * Which bytes of a track's samples may be encrypted: coded picture data, never what a player has to
 * read before it has a key. Given every sample in decoding order. Not thread-safe.
 */
sealed interface SampleMap permits H264Map, HevcMap, Av1Map, Vp9Map, WholeSamples {
  /** True where samples have subsample maps. */
  default boolean hasRanges() {
    return true;
  }

  /** How protected runs of {@code cbcs} are aligned. */
  default Ranges.Alignment cbcsAlignment() {
    return Ranges.Alignment.UNALIGNED;
  }

  /**
   * Adds the runs of one sample, all of it.
   *
   * @param sample borrowed; its indices stay
   * @throws io.millrace.media.MediaFormatException where it cannot be understood
   */
  void map(ByteBuf sample, Ranges ranges);

  static SampleMap of(TrackFormat format) {
    return switch (format) {
      case TrackFormat.Audio _, TrackFormat.Text _ -> new WholeSamples();
      case TrackFormat.Video video ->
          switch (video.codec()) {
            case H264 -> new H264Map(AvcConfiguration.parse(video.configuration()));
            case HEVC -> new HevcMap(HevcConfiguration.parse(video.configuration()));
            case AV1 -> new Av1Map(new Tiles(video.configuration()));
            case VP9 -> new Vp9Map();
          };
    };
  }
}
