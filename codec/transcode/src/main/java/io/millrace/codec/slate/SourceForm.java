package io.millrace.codec.slate;

import io.millrace.codec.CodecException;
import io.millrace.codec.ffmpeg.StillSettings;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.h264.SequenceParameterSet;
import io.millrace.media.hevc.HevcConfiguration;

/** What a still must be like to follow a source: read from the source's configuration record. */
final class SourceForm {
  private static final Rational UNKNOWN_RATE = new Rational(30, 1);
  private static final int MAX_GOP_FRAMES = 240;

  /** av1C: seq_tier, high_bitdepth, twelve_bit, monochrome (AV1-ISOBMFF §2.3.3). */
  private static final int AV1C_FLAGS_AT = 2;

  /** vpcC: four bits of depth (VP Codec ISO Media File Format Binding). */
  private static final int VPCC_DEPTH_AT = 2;

  private SourceForm() {}

  static StillSettings settings(TrackFormat.Video source) {
    checkMatrix(source.colour().matrix());
    Rational rate = source.frameRate() == null ? UNKNOWN_RATE : source.frameRate();
    byte[] record = source.configuration();
    int frames = Math.clamp(Math.round(rate.toDouble()), 2, MAX_GOP_FRAMES);
    return switch (source.codec()) {
      case H264 -> {
        SequenceParameterSet sps = AvcConfiguration.parse(record).sequence();
        int depth = sps.bitDepthLuma();
        String profile = profile(sps.profileIdc(), depth);
        yield of(source, rate, depth, profile, sps.levelIdc(), frames);
      }
      case HEVC -> {
        HevcConfiguration config = HevcConfiguration.parse(record);
        int level = config.sequence().profile().levelIdc() / 3;
        yield of(source, rate, config.sequence().bitDepthLuma(), "", level, frames);
      }
      case AV1 -> {
        int flags = at(record, AV1C_FLAGS_AT);
        int depth = (flags & 0x40) == 0 ? 8 : (flags & 0x20) == 0 ? 10 : 12;
        yield of(source, rate, depth, "", 0, frames);
      }
      case VP9 -> of(source, rate, at(record, VPCC_DEPTH_AT) >> 4, "", 0, frames);
    };
  }

  private static StillSettings of(
      TrackFormat.Video source, Rational rate, int depth, String profile, int level, int frames) {
    return new StillSettings(
        source.codec(),
        source.width(),
        source.height(),
        source.sampleAspectRatio(),
        rate,
        source.colour(),
        depth,
        profile,
        level,
        frames);
  }

  /** A still needs no more than the source does (ITU-T H.264 §A.2). */
  private static String profile(int profileIdc, int depth) {
    return switch (profileIdc) {
      case 66, 88 -> "baseline";
      case 77 -> "main";
      default -> depth > 8 ? "high10" : "high";
    };
  }

  private static void checkMatrix(int matrix) {
    switch (matrix) {
      case 1, 2, 4, 5, 6, 7, 9 -> {}
      default -> throw new CodecException("no still with colour matrix " + matrix);
    }
  }

  private static int at(byte[] record, int index) {
    if (index >= record.length) {
      throw new CodecException("configuration record of " + record.length + " bytes");
    }
    return record[index] & 0xFF;
  }
}
