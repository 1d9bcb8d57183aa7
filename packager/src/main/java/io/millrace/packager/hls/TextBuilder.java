package io.millrace.packager.hls;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Puts a playlist together from text, and from bytes that were rendered before. UTF-8. */
final class TextBuilder {
  private byte[] bytes;
  private int length;

  TextBuilder(int capacityBytes) {
    bytes = new byte[capacityBytes];
  }

  TextBuilder append(byte[] more) {
    return append(more, more.length);
  }

  /** The first {@code count} bytes of {@code more}. */
  TextBuilder append(byte[] more, int count) {
    if (count > bytes.length - length) {
      bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, Math.addExact(length, count)));
    }
    System.arraycopy(more, 0, bytes, length, count);
    length += count;
    return this;
  }

  TextBuilder append(CharSequence text) {
    return append(text.toString().getBytes(StandardCharsets.UTF_8));
  }

  TextBuilder append(char character) {
    return append(String.valueOf(character));
  }

  TextBuilder append(long number) {
    return append(Long.toString(number));
  }

  byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
