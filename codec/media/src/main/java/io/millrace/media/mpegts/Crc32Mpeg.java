package io.millrace.media.mpegts;

import io.netty.buffer.ByteBuf;

/**
 * CRC_32 of PSI sections (ISO/IEC 13818-1 Annex A): polynomial 0x04C11DB7, most significant bit
 * first, started with ones, not inverted. Over a section that ends in its own CRC it is zero.
 */
public final class Crc32Mpeg {
  private static final int POLYNOMIAL = 0x04C1_1DB7;
  private static final int[] TABLE = table();

  private Crc32Mpeg() {}

  private static int[] table() {
    int[] table = new int[256];
    for (int i = 0; i < table.length; i++) {
      int crc = i << 24;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc << 1 ^ (crc < 0 ? POLYNOMIAL : 0);
      }
      table[i] = crc;
    }
    return table;
  }

  /** Borrows the buffer; absolute index and length within it. */
  public static int of(ByteBuf in, int index, int sizeBytes) {
    int crc = -1;
    for (int i = index; i < index + sizeBytes; i++) {
      crc = crc << 8 ^ TABLE[(crc >>> 24 ^ in.getByte(i)) & 0xFF];
    }
    return crc;
  }
}
