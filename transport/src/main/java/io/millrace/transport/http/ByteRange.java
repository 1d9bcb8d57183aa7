package io.millrace.transport.http;

import org.jspecify.annotations.Nullable;

/**
 * What a {@code Range} field asks of a representation (RFC 9110 §14.1.2, §14.2).
 *
 * <p>One range is honoured. A set of several may be ignored by a server, and is: its multipart
 * reply helps no player and has been a way to multiply work.
 */
sealed interface ByteRange {
  /** Serve everything: no field, another unit, broken syntax, or several ranges. */
  record Whole() implements ByteRange {}

  /** Serve {@code sizeBytes} bytes from {@code first} on: 206. */
  record Part(long first, long sizeBytes) implements ByteRange {}

  /** Nothing of it exists: 416. */
  record Unsatisfiable() implements ByteRange {}

  ByteRange WHOLE = new Whole();
  ByteRange UNSATISFIABLE = new Unsatisfiable();

  /**
   * @param field the value of {@code Range}
   * @param totalBytes size of the representation
   */
  static ByteRange parse(@Nullable String field, long totalBytes) {
    if (field == null || !field.regionMatches(true, 0, "bytes=", 0, 6)) {
      return WHOLE;
    }
    String range = field.substring(6).strip();
    int dash = range.indexOf('-');
    if (dash < 0 || range.indexOf(',') >= 0) {
      return WHOLE;
    }
    long first = number(range, 0, dash);
    long last = number(range, dash + 1, range.length());
    if (dash == 0) {
      return last == BROKEN ? WHOLE : suffix(last, totalBytes);
    }
    boolean open = dash + 1 == range.length();
    if (first == BROKEN || (!open && (last == BROKEN || last < first))) {
      return WHOLE;
    }
    if (first >= totalBytes) {
      return UNSATISFIABLE;
    }
    long end = open ? totalBytes - 1 : Math.min(last, totalBytes - 1);
    return new Part(first, end - first + 1);
  }

  private static ByteRange suffix(long sizeBytes, long totalBytes) {
    long size = Math.min(sizeBytes, totalBytes);
    return size == 0 ? UNSATISFIABLE : new Part(totalBytes - size, size);
  }

  long BROKEN = -1;

  /** Digits only; a number beyond 18 of them is as good as infinite. */
  private static long number(String text, int from, int to) {
    if (from == to) {
      return BROKEN;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return BROKEN;
      }
      value = value > Long.MAX_VALUE / 10 - 1 ? Long.MAX_VALUE / 10 : value * 10 + digit;
    }
    return value;
  }
}
