package io.millrace.media.aac;

import io.millrace.media.bits.BitReader;
import io.millrace.media.bits.BitWriter;
import java.util.List;

/** samplingFrequencyIndex and its escape (ISO/IEC 14496-3 §1.6.3.4, Table 1.18). */
final class SamplingFrequency {
  static final int ESCAPE_INDEX = 15;

  private static final List<Integer> TABLE =
      List.of(
          96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025,
          8_000, 7_350);

  private SamplingFrequency() {}

  /** Index of {@code hertz}, or {@link #ESCAPE_INDEX} when it has none. */
  static int indexOf(int hertz) {
    int index = TABLE.indexOf(hertz);
    return index < 0 ? ESCAPE_INDEX : index;
  }

  /** Hertz of {@code index}, or 0 when it is reserved or the escape. */
  static int hertz(int index) {
    return index < TABLE.size() ? TABLE.get(index) : 0;
  }

  /** Reads the index and, behind the escape, 24 bits of hertz. */
  static int read(BitReader in) {
    int index = in.bits(4);
    int hertz = index == ESCAPE_INDEX ? in.bits(24) : hertz(index);
    if (hertz < 1_000 || hertz > 192_000) {
      throw in.malformed("sampling frequency index " + index + " gives " + hertz + " Hz");
    }
    return hertz;
  }

  static void write(BitWriter out, int hertz) {
    int index = indexOf(hertz);
    out.bits(index, 4);
    if (index == ESCAPE_INDEX) {
      out.bits(hertz, 24);
    }
  }
}
