package io.millrace.server.ingest;

import io.millrace.media.TrackFormat;
import io.millrace.media.opus.OpusConfiguration;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * channel_config_code of Opus in MPEG-2 TS: 1 to 8 are the Vorbis layouts of mapping family 1 (RFC
 * 7845 §5.1.1.2), with one and two channels in family 0. Everything else, dual mono and what comes
 * with a table of its own, is not taken.
 */
final class OpusChannels {
  private static final int PRE_SKIP_SAMPLES = 312;
  private static final int[] STREAMS = {1, 1, 2, 2, 3, 4, 4, 5};
  private static final int[] COUPLED = {0, 1, 1, 2, 2, 2, 3, 3};
  private static final byte[][] MAPPINGS = {
    {0},
    {0, 1},
    {0, 2, 1},
    {0, 1, 2, 3},
    {0, 4, 1, 2, 3},
    {0, 4, 1, 2, 3, 5},
    {0, 4, 1, 2, 3, 5, 6},
    {0, 6, 1, 2, 3, 4, 5, 7},
  };

  private OpusChannels() {}

  /** The format of such a stream; null where it is not taken. */
  static TrackFormat.@Nullable Audio format(int channelConfiguration) {
    if (channelConfiguration < 1 || channelConfiguration > MAPPINGS.length) {
      return null;
    }
    ByteBuf record = Unpooled.buffer(32);
    record.writeByte(0).writeByte(channelConfiguration).writeShort(PRE_SKIP_SAMPLES);
    record.writeInt(OpusConfiguration.SAMPLE_RATE).writeShort(0);
    if (channelConfiguration <= 2) {
      record.writeByte(0);
    } else {
      int index = channelConfiguration - 1;
      record.writeByte(1).writeByte(STREAMS[index]).writeByte(COUPLED[index]);
      record.writeBytes(MAPPINGS[index]);
    }
    return OpusConfiguration.parse(ByteBufUtil.getBytes(record)).toFormat();
  }
}
