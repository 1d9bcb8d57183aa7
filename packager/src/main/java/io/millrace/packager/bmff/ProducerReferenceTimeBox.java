package io.millrace.packager.bmff;

import java.nio.ByteBuffer;
import java.time.Instant;

/**
 * {@code prft} version 1 (ISO/IEC 14496-12 §8.16.5): the wall-clock time at which the sample at
 * {@code mediaTicks} was made. It precedes the {@code moof} that has the sample.
 *
 * <pre>
 *  0        4        8    9        12                16              24             32
 *  ┌────────┬────────┬────┬────────┬─────────────────┬───────────────┬──────────────┐
 *  │   32   │ prft   │ 1  │ flags  │ reference track │ NTP timestamp │  media time  │
 *  └────────┴────────┴────┴────────┴─────────────────┴───────────────┴──────────────┘
 * </pre>
 *
 * @param ntpTimestamp seconds since 1900 in the upper 32 bits, their fraction in the lower (RFC
 *     5905 §6)
 * @param mediaTicks presentation time in the track's timescale
 */
public record ProducerReferenceTimeBox(int trackId, long ntpTimestamp, long mediaTicks)
    implements Box {
  /** The time is that of the frame's input to the encoder. */
  private static final int ENCODER_INPUT = 0;

  /** From 1900 to 1970. */
  private static final long NTP_EPOCH_S = 2_208_988_800L;

  /** The timestamp of an instant; seconds wrap in 2036 as the format has it. */
  public static long ntpTimestamp(Instant instant) {
    long fraction = ((long) instant.getNano() << 32) / 1_000_000_000;
    return (instant.getEpochSecond() + NTP_EPOCH_S) << 32 | fraction;
  }

  @Override
  public String type() {
    return "prft";
  }

  @Override
  public int sizeBytes() {
    return FULL_HEADER_BYTES + 4 + 8 + 8;
  }

  @Override
  public void write(ByteBuffer out) {
    Fields.fullHeader(out, this, 1, ENCODER_INPUT);
    out.putInt(trackId).putLong(ntpTimestamp).putLong(mediaTicks);
  }

  static ProducerReferenceTimeBox read(ByteBuffer in) {
    boolean wide = in.getInt() >>> 24 != 0;
    int trackId = in.getInt();
    long ntpTimestamp = in.getLong();
    return new ProducerReferenceTimeBox(
        trackId, ntpTimestamp, wide ? in.getLong() : in.getInt() & 0xFFFF_FFFFL);
  }
}
