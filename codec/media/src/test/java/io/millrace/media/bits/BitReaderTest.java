package io.millrace.media.bits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.MediaFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BitReaderTest {
  @Test
  void readsWhatTheWriterWrote() {
    Random random = new Random(1);
    for (int round = 0; round < 500; round++) {
      BitWriter out = new BitWriter();
      List<long[]> written = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        int kind = random.nextInt(3);
        int width = random.nextInt(33);
        long value = random.nextLong() & ((1L << width) - 1);
        switch (kind) {
          case 0 -> out.bits(value, width);
          case 1 -> out.ue((int) (value >>> 2));
          default -> out.se((int) (value >>> 3) * (random.nextBoolean() ? 1 : -1));
        }
        written.add(new long[] {kind, width, kind == 0 ? value : value >>> (kind + 1)});
      }
      BitReader in = new BitReader("test", out.toBytes());
      for (long[] element : written) {
        switch ((int) element[0]) {
          case 0 -> assertThat(in.longBits((int) element[1])).isEqualTo(element[2]);
          case 1 -> assertThat(in.ue()).isEqualTo(element[2]);
          default -> assertThat(Math.abs(in.se())).isEqualTo(element[2]);
        }
      }
      assertThat(in.bitsLeft()).isLessThan(8);
    }
  }

  /** ITU-T H.264 Tables 9-2 and 9-3. */
  @Test
  void expGolombCodesOfTheStandard() {
    BitReader in =
        new BitReader(
            "test", new byte[] {(byte) 0b1_010_011_0, (byte) 0b0100_0010, (byte) 0b1000_0000});
    assertThat(in.ue()).isZero();
    assertThat(in.se()).isEqualTo(1);
    assertThat(in.se()).isEqualTo(-1);
    assertThat(in.ue()).isEqualTo(3);
    assertThat(in.ue()).isEqualTo(4);
  }

  @Test
  void largestExpGolombCode() {
    BitReader in =
        new BitReader(
            "test", new byte[] {0, 0, 0, 1, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, (byte) 0xFE});
    assertThat(in.ue()).isEqualTo(0xFFFF_FFFEL);
    assertThatThrownBy(() -> new BitReader("test", new byte[9]).ue())
        .isInstanceOf(MediaFormatException.class);
  }

  @Test
  void pastTheEndNamesTheStructure() {
    BitReader in = new BitReader("some record", new byte[] {1, 2, 3}, 1, 1);
    in.skip(7);
    assertThat(in.flag()).isFalse();
    assertThatThrownBy(in::flag)
        .isInstanceOf(MediaFormatException.class)
        .hasMessage("some record: ends early");
    assertThatThrownBy(() -> in.skip(Long.MAX_VALUE)).isInstanceOf(MediaFormatException.class);
  }

  @Test
  void boundsNameTheElement() {
    BitReader in = new BitReader("some record", new byte[] {0b0001_1110});
    assertThatThrownBy(() -> in.ue("count", 13))
        .hasMessage("some record: count is 14, at most 13 allowed");
  }

  @Test
  void writerRefusesWhatDoesNotFit() {
    assertThatThrownBy(() -> new BitWriter().bits(4, 2))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new BitWriter().bits(-1, 32))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
