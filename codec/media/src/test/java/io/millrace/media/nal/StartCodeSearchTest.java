package io.millrace.media.nal;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The search by words finds what a search byte by byte finds. */
class StartCodeSearchTest {
  private static final byte[][] ALPHABETS = {
    {0, 1}, {0, 0, 0, 1}, {0, 1, 2, 3}, {0, 1, (byte) 0x80, (byte) 0xFF, 7, 9, 11, 13},
  };

  @Test
  void findsEveryUnit() {
    Random random = new Random(31);
    for (int round = 0; round < 20_000; round++) {
      byte[] alphabet = ALPHABETS[random.nextInt(ALPHABETS.length)];
      byte[] bytes = new byte[random.nextInt(60)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = alphabet[random.nextInt(alphabet.length)];
      }
      assertThat(units(bytes)).as(Arrays.toString(bytes)).isEqualTo(expected(bytes));
    }
  }

  private static List<List<Integer>> units(byte[] bytes) {
    int offset = bytes.length % 5;
    ByteBuf in = Unpooled.buffer().writeZero(offset).writeBytes(bytes).readerIndex(offset);
    NalCursor nals = NalCursor.annexB("test", in);
    List<List<Integer>> found = new ArrayList<>();
    while (nals.next()) {
      found.add(List.of(nals.offset() - offset, nals.sizeBytes()));
    }
    return found;
  }

  private static List<List<Integer>> expected(byte[] bytes) {
    List<Integer> starts = new ArrayList<>();
    for (int i = 0; i + 2 < bytes.length; i++) {
      if (bytes[i] == 0 && bytes[i + 1] == 0 && bytes[i + 2] == 1) {
        starts.add(i + 3);
      }
    }
    List<List<Integer>> found = new ArrayList<>();
    for (int i = 0; i < starts.size(); i++) {
      int end = i + 1 < starts.size() ? starts.get(i + 1) - 3 : bytes.length;
      while (end > starts.get(i) && bytes[end - 1] == 0) {
        end--;
      }
      if (end > starts.get(i)) {
        found.add(List.of(starts.get(i), end - starts.get(i)));
      }
    }
    return found;
  }
}
