package io.millrace.media.bits;

import java.util.Arrays;

/** Writes syntax elements, most significant bit first. Not thread-safe. */
public final class BitWriter {
  private byte[] bytes = new byte[16];
  private int bit;

  /** u(n) with {@code count} of 0–32 bits; higher bits of {@code value} must be zero. */
  public BitWriter bits(long value, int count) {
    if (count < 0 || count > 32 || value >>> count != 0) {
      throw new IllegalArgumentException(value + " does not fit in " + count + " bits");
    }
    if (bit + count > 8 * bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    for (int i = count - 1; i >= 0; i--, bit++) {
      bytes[bit >> 3] |= (byte) ((value >> i & 1) << (7 - (bit & 7)));
    }
    return this;
  }

  /** One bit. */
  public BitWriter flag(boolean set) {
    return bits(set ? 1 : 0, 1);
  }

  /** ue(v) of ITU-T H.264 §9.1, for values below 2³¹. */
  public BitWriter ue(int value) {
    long code = value + 1L;
    int length = 64 - Long.numberOfLeadingZeros(code);
    return bits(0, length - 1).bits(code, length);
  }

  /** se(v) of ITU-T H.264 §9.1.1. */
  public BitWriter se(int value) {
    return ue(value > 0 ? 2 * value - 1 : -2 * value);
  }

  /** What was written, zero bits up to the byte boundary; a copy. */
  public byte[] toBytes() {
    return Arrays.copyOf(bytes, (bit + 7) / 8);
  }
}
