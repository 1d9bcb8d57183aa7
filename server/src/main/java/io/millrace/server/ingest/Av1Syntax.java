package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.media.TrackFormat;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.media.av1.TemporalUnits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * AV1: av1C and temporal units, with or without temporal delimiters and size fields. What is a key
 * frame the bitstream says. A key frame without a sequence header gets the record's, because a sync
 * sample has one (AV1-ISOBMFF §2.4).
 */
final class Av1Syntax implements VideoSyntax {
  private static final int AV1C_WITHOUT_OBUS_BYTES = 4;

  private @Nullable Av1Configuration configuration;
  private TrackFormat.@Nullable Video format;

  /**
   * @param record av1C, whose sequence header may be left to the key frames
   */
  Av1Syntax(byte[] record) {
    boolean inBandOnly = record.length <= AV1C_WITHOUT_OBUS_BYTES;
    use(inBandOnly ? null : Av1Configuration.parse(record));
  }

  private void use(@Nullable Av1Configuration found) {
    configuration = found;
    format = found == null ? null : found.toFormat();
  }

  @Override
  public TrackFormat.@Nullable Video format() {
    return format;
  }

  @Override
  public boolean isKey(ByteBuf frame, boolean flagged) {
    if (TemporalUnits.isKeyFrame(frame)) {
      return true;
    }
    if (!flagged || configuration == null) {
      return false;
    }
    ByteBuf completed = withSequenceHeader(configuration, frame.retainedSlice());
    try {
      return TemporalUnits.isKeyFrame(completed);
    } finally {
      completed.release();
    }
  }

  @Override
  public TrackFormat.Video formatAt(ByteBuf keyFrame) {
    Av1Configuration inBand = Av1Configuration.inBand(keyFrame);
    if (inBand != null && !inBand.equals(configuration) && !isKnown(inBand.toFormat())) {
      use(inBand);
    }
    if (format == null) {
      throw MediaFormatException.malformed("no sequence header in the record nor the key frame");
    }
    return format;
  }

  /** High dynamic range, which some encoders describe with some key frames only, stays. */
  private boolean isKnown(TrackFormat.Video found) {
    return format != null
        && found.colour().hdr() == null
        && Arrays.equals(found.configuration(), format.configuration());
  }

  @Override
  public ByteBuf payload(ByteBuf frame, boolean key) {
    ByteBuf unit = TemporalUnits.toSample(frame, PooledByteBufAllocator.DEFAULT);
    return key && configuration != null && !TemporalUnits.isKeyFrame(unit)
        ? withSequenceHeader(configuration, unit)
        : unit;
  }

  /** Takes {@code unit}. */
  private static ByteBuf withSequenceHeader(Av1Configuration configuration, ByteBuf unit) {
    byte[] header = configuration.sequenceHeaderObu();
    try {
      return PooledByteBufAllocator.DEFAULT
          .buffer(header.length + unit.readableBytes())
          .writeBytes(header)
          .writeBytes(unit, unit.readerIndex(), unit.readableBytes());
    } finally {
      unit.release();
    }
  }
}
