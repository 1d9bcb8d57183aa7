package io.millrace.media.nal;

import java.util.Arrays;

/**
 * The 0x03 byte that keeps start codes out of a NAL unit's payload (ITU-T H.264 §7.4.1, H.265
 * §7.4.2): {@code 00 00 0x} with x of 0–3 is sent as {@code 00 00 03 0x}, and a unit never ends in
 * {@code 00 00}.
 */
public final class EmulationPrevention {
  private EmulationPrevention() {}

  /** The bytes without emulation prevention; a new array. */
  public static byte[] remove(byte[] escaped) {
    byte[] out = new byte[escaped.length];
    int size = 0;
    int zeros = 0;
    for (byte value : escaped) {
      if (zeros >= 2 && value == 3) {
        zeros = 0;
        continue;
      }
      zeros = value == 0 ? zeros + 1 : 0;
      out[size++] = value;
    }
    return Arrays.copyOf(out, size);
  }

  /** The bytes with emulation prevention; a new array. */
  public static byte[] insert(byte[] plain) {
    byte[] out = new byte[plain.length + plain.length / 2 + 1];
    int size = 0;
    int zeros = 0;
    for (byte value : plain) {
      if (zeros == 2 && (value & 0xFF) <= 3) {
        out[size++] = 3;
        zeros = 0;
      }
      zeros = value == 0 ? zeros + 1 : 0;
      out[size++] = value;
    }
    if (zeros > 0) {
      out[size++] = 3;
    }
    return Arrays.copyOf(out, size);
  }

  /**
   * How many of the escaped bytes the first {@code plainSize} bytes without emulation prevention
   * take up.
   */
  public static int escapedSize(byte[] escaped, int plainSize) {
    int plain = 0;
    int zeros = 0;
    int at = 0;
    while (plain < plainSize) {
      byte value = escaped[at++];
      if (zeros >= 2 && value == 3) {
        zeros = 0;
        continue;
      }
      zeros = value == 0 ? zeros + 1 : 0;
      plain++;
    }
    return at;
  }
}
