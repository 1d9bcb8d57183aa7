package io.millrace.media.bits;

import io.millrace.media.MediaFormatException;

/**
 * Reads the syntax elements of a bitstream, most significant bit first. Every read is checked: past
 * the end it throws {@link MediaFormatException} naming the structure, never an index error.
 *
 * <p>Borrows the array; not thread-safe.
 */
public final class BitReader {
  private final String structure;
  private final byte[] bytes;
  private final long endBit;
  private long bit;

  /**
   * @param structure what is read, for messages: "sequence parameter set"
   */
  public BitReader(String structure, byte[] bytes) {
    this(structure, bytes, 0, bytes.length);
  }

  /**
   * @param offset first byte
   * @param length in bytes, within the array
   */
  public BitReader(String structure, byte[] bytes, int offset, int length) {
    if (offset < 0 || length < 0 || offset > bytes.length - length) {
      throw new IllegalArgumentException("range outside the array");
    }
    this.structure = structure;
    this.bytes = bytes;
    this.bit = 8L * offset;
    this.endBit = bit + 8L * length;
  }

  /** Bits not read yet. */
  public long bitsLeft() {
    return endBit - bit;
  }

  /** One bit. */
  public boolean flag() {
    need(1);
    boolean set = (bytes[(int) (bit >>> 3)] >> (7 - (int) (bit & 7)) & 1) != 0;
    bit++;
    return set;
  }

  /**
   * u(n): an unsigned number.
   *
   * @param count 0–31 bits
   */
  public int bits(int count) {
    if (count < 0 || count > 31) {
      throw new IllegalArgumentException("0 to 31 bits, not " + count);
    }
    return (int) longBits(count);
  }

  /**
   * u(n): an unsigned number of up to 32 bits.
   *
   * @param count 0–32 bits
   */
  public long longBits(int count) {
    if (count < 0 || count > 32) {
      throw new IllegalArgumentException("0 to 32 bits, not " + count);
    }
    need(count);
    long value = 0;
    for (int left = count; left > 0; ) {
      int inByte = 8 - (int) (bit & 7);
      int take = Math.min(inByte, left);
      int chunk = (bytes[(int) (bit >>> 3)] & 0xFF) >> (inByte - take) & ((1 << take) - 1);
      value = value << take | chunk;
      bit += take;
      left -= take;
    }
    return value;
  }

  /** Steps over {@code count} bits. */
  public void skip(long count) {
    need(count);
    bit += count;
  }

  /**
   * ue(v) of ITU-T H.264 §9.1: an unsigned Exp-Golomb number.
   *
   * @return 0 … 2³²−2
   */
  public long ue() {
    int zeros = 0;
    while (!flag()) {
      if (++zeros > 32) {
        throw malformed("Exp-Golomb code longer than 32 bits");
      }
    }
    if (zeros == 32) {
      throw malformed("Exp-Golomb code out of range");
    }
    return (1L << zeros) - 1 + longBits(zeros);
  }

  /**
   * ue(v) with an upper bound, which is what makes a number safe to use as a count or a size.
   *
   * @param element its name in the standard, for the message
   */
  public int ue(String element, int maximum) {
    long value = ue();
    if (value > maximum) {
      throw malformed(element + " is " + value + ", at most " + maximum + " allowed");
    }
    return (int) value;
  }

  /** se(v) of ITU-T H.264 §9.1.1: a signed Exp-Golomb number. */
  public long se() {
    long code = ue();
    return (code & 1) == 0 ? -(code >>> 1) : (code + 1) >>> 1;
  }

  /**
   * uvlc() of the AV1 specification §4.10.3.
   *
   * @return 0 … 2³²−1
   */
  public long uvlc() {
    int zeros = 0;
    while (!flag()) {
      zeros++;
    }
    return zeros >= 32 ? (1L << 32) - 1 : (1L << zeros) - 1 + longBits(zeros);
  }

  /** A complaint that names the structure being read. */
  public MediaFormatException malformed(String what) {
    return MediaFormatException.malformed(structure + ": " + what);
  }

  private void need(long count) {
    if (count > endBit - bit) {
      throw malformed("ends early");
    }
  }
}
