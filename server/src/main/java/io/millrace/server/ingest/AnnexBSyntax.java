package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.h264.AvcConfiguration;
import io.millrace.media.hevc.HevcConfiguration;
import io.millrace.media.nal.DisplaySei;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * What is peculiar to a codec that comes as a byte stream with its parameter sets in band. Follows
 * one stream. Buffers that are passed are borrowed and their indices stay; every method may throw
 * {@link MediaFormatException}.
 */
abstract sealed class AnnexBSyntax {
  /** Bytes of a NAL length in the samples. */
  static final int LENGTH_SIZE_BYTES = 4;

  private TrackFormat.@Nullable Video format;

  /** The format of the latest parameter sets; null before there were any. */
  final TrackFormat.@Nullable Video format() {
    return format;
  }

  /**
   * The access unit as a sample, without the parameter sets, which go into {@link #format}.
   *
   * @return a buffer that the caller owns; null before the first parameter sets
   */
  final @Nullable ByteBuf sample(ByteBuf annexB, ByteBufAllocator allocator) {
    if (format == null) {
      format = configure(annexB, allocator);
      return format == null ? null : toSample(annexB, allocator);
    }
    ByteBuf sample = toSample(annexB, allocator);
    boolean taken = false;
    try {
      TrackFormat.Video next = hasParameterSets(sample) ? configure(annexB, allocator) : null;
      if (next != null) {
        format = next;
        return toSample(annexB, allocator);
      }
      taken = true;
      return sample;
    } finally {
      if (!taken) {
        sample.release();
      }
    }
  }

  /** The format that the unit's parameter sets make; null unless it has all kinds of them. */
  private TrackFormat.@Nullable Video configure(ByteBuf annexB, ByteBufAllocator allocator) {
    ByteBuf whole = io.millrace.media.h264.AnnexB.toLengthPrefixed(annexB, allocator);
    try {
      return inBand(whole);
    } finally {
      whole.release();
    }
  }

  /** Remembers what a unit with length prefixes says, for {@link #toSample}. */
  abstract TrackFormat.@Nullable Video inBand(ByteBuf unit);

  /** The unit without what the configuration has already; owned by the caller. */
  abstract ByteBuf toSample(ByteBuf annexB, ByteBufAllocator allocator);

  abstract boolean hasParameterSets(ByteBuf sample);

  /** True for IDR and IRAP pictures. */
  abstract boolean isRandomAccess(ByteBuf sample);

  /** What the SEI messages of a sample say. */
  abstract DisplaySei display(ByteBuf sample);

  /** H.264. */
  static final class Avc extends AnnexBSyntax {
    private @Nullable AvcConfiguration configuration;

    @Override
    TrackFormat.@Nullable Video inBand(ByteBuf unit) {
      AvcConfiguration found = AvcConfiguration.inBand(unit, LENGTH_SIZE_BYTES);
      if (found == null) {
        return null;
      }
      TrackFormat.Video format = found.toFormat();
      configuration = found;
      return format;
    }

    @Override
    ByteBuf toSample(ByteBuf annexB, ByteBufAllocator allocator) {
      if (configuration == null) {
        throw new IllegalStateException("no configuration");
      }
      return io.millrace.media.h264.AnnexB.toSample(annexB, configuration, allocator);
    }

    @Override
    boolean hasParameterSets(ByteBuf sample) {
      var nals = io.millrace.media.h264.NalUnits.lengthPrefixed(sample, LENGTH_SIZE_BYTES);
      boolean found = false;
      while (nals.next()) {
        found |=
            switch (nals.type()) {
              case io.millrace.media.h264.NalUnits.SPS, io.millrace.media.h264.NalUnits.PPS -> true;
              default -> false;
            };
      }
      return found;
    }

    @Override
    boolean isRandomAccess(ByteBuf sample) {
      return io.millrace.media.h264.AccessUnits.isIdr(sample, LENGTH_SIZE_BYTES);
    }

    @Override
    DisplaySei display(ByteBuf sample) {
      return io.millrace.media.h264.AccessUnits.display(sample, LENGTH_SIZE_BYTES);
    }
  }

  /** HEVC. */
  static final class Hevc extends AnnexBSyntax {
    private @Nullable HevcConfiguration configuration;

    @Override
    TrackFormat.@Nullable Video inBand(ByteBuf unit) {
      HevcConfiguration found = HevcConfiguration.inBand(unit, LENGTH_SIZE_BYTES);
      if (found == null) {
        return null;
      }
      TrackFormat.Video format = found.toFormat();
      configuration = found;
      return format;
    }

    @Override
    ByteBuf toSample(ByteBuf annexB, ByteBufAllocator allocator) {
      if (configuration == null) {
        throw new IllegalStateException("no configuration");
      }
      return io.millrace.media.hevc.AnnexB.toSample(annexB, configuration, allocator);
    }

    @Override
    boolean hasParameterSets(ByteBuf sample) {
      var nals = io.millrace.media.hevc.NalUnits.lengthPrefixed(sample, LENGTH_SIZE_BYTES);
      boolean found = false;
      while (nals.next()) {
        found |=
            switch (nals.type()) {
              case io.millrace.media.hevc.NalUnits.VPS,
                  io.millrace.media.hevc.NalUnits.SPS,
                  io.millrace.media.hevc.NalUnits.PPS ->
                  true;
              default -> false;
            };
      }
      return found;
    }

    @Override
    boolean isRandomAccess(ByteBuf sample) {
      return io.millrace.media.hevc.AccessUnits.isIrap(sample, LENGTH_SIZE_BYTES);
    }

    @Override
    DisplaySei display(ByteBuf sample) {
      return io.millrace.media.hevc.AccessUnits.display(sample, LENGTH_SIZE_BYTES);
    }
  }
}
