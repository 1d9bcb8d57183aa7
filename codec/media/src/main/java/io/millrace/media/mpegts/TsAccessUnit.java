package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;

/**
 * One access unit of sound or picture as the wire has it: H.264 and HEVC as an Annex B byte stream,
 * AAC as one ADTS frame or one LOAS AudioMuxElement with its three bytes of sync and length, MPEG
 * audio as one frame, Opus as one packet without its control header.
 *
 * @param pts presentation time in 90 kHz, 33 bits; {@link #NO_TIME} where the unit is not the first
 *     that begins in its PES packet: it follows the one before directly
 * @param dts decoding time likewise
 * @param randomAccess what the adaptation field's random_access_indicator said
 * @param payload borrowed: good until the call that it is passed to returns
 */
public record TsAccessUnit(long pts, long dts, boolean randomAccess, ByteBuf payload) {
  public static final long NO_TIME = PesHeader.NO_TIME;

  /** Width of the wire's clock. */
  public static final int TIME_BITS = PesHeader.TIME_BITS;

  /** Ticks of the wire's clock in a second. */
  public static final int TICKS_PER_SECOND = 90_000;

  public boolean hasTime() {
    return pts != NO_TIME;
  }
}
