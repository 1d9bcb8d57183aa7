package io.millrace.media.scte35;

import io.millrace.media.mpegts.Crc32Mpeg;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;

/**
 * A splice_info_section that leaves the programme for a break (SCTE 35 §9.6, §9.7.3), for senders
 * that say so in other words.
 *
 * <pre>
 *  table_id 0xFC, section_length, protocol_version 0, clear, no adjustment, splice_insert:
 *    event id, out of network, the whole programme, at splice_time, break_duration with auto return
 *  CRC_32
 * </pre>
 */
public final class SpliceOut {
  private static final int BYTES = 40;
  private static final int COMMAND_BYTES = 20;
  private static final int SPLICE_INSERT = 5;

  /** Out of network, whole programme, with a duration, not at once; reserved bits are set. */
  private static final int FLAGS = 0xEF;

  private static final int SPECIFIED = 0xFE;
  private static final long BITS_33 = (1L << 33) - 1;

  private SpliceOut() {}

  /**
   * @param pts90kHz when, modulo 2^33
   * @param duration90kHz how long, at most 26 h
   */
  public static byte[] section(int eventId, long pts90kHz, long duration90kHz) {
    ByteBuffer out = ByteBuffer.allocate(BYTES);
    out.put((byte) 0xFC).putShort((short) (0x3000 | BYTES - 3)).put((byte) 0);
    out.put(new byte[5]).put((byte) 0xFF); // clear, no adjustment, cw_index
    out.put((byte) 0xFF).put((byte) (0xF0 | COMMAND_BYTES >> 8)).put((byte) COMMAND_BYTES);
    out.put((byte) SPLICE_INSERT).putInt(eventId).put((byte) 0x7F).put((byte) FLAGS);
    time(out, pts90kHz);
    time(out, duration90kHz);
    out.putShort((short) 1).put((byte) 0).put((byte) 0); // programme and avails
    out.putShort((short) 0); // no descriptors
    out.putInt(Crc32Mpeg.of(Unpooled.wrappedBuffer(out.array()), 0, out.position()));
    return out.array();
  }

  /** time_specified_flag or auto_return, six reserved bits, 33 bits. */
  private static void time(ByteBuffer out, long ticks) {
    long bits = ticks & BITS_33;
    out.put((byte) (SPECIFIED | bits >> 32)).putInt((int) bits);
  }
}
