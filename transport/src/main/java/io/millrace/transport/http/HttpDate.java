package io.millrace.transport.http;

import io.netty.handler.codec.DateFormatter;
import java.time.Instant;
import java.util.Date;
import org.jspecify.annotations.Nullable;

/** HTTP dates (RFC 9110 §5.6.7): IMF-fixdate out, all three forms in. */
final class HttpDate {
  private record Second(long epochSecond, String text) {}

  /** Longer than any of the three formats (RFC 9110 §5.6.7). */
  private static final int MAX_CHARS = 64;

  private static volatile Second latest = new Second(Long.MIN_VALUE, "");

  private HttpDate() {}

  static String format(Instant instant) {
    return DateFormatter.format(Date.from(instant));
  }

  /** {@link #format}, computed once a second for all connections. */
  static String now(long epochMillis) {
    long epochSecond = Math.floorDiv(epochMillis, 1000);
    Second second = latest;
    if (second.epochSecond != epochSecond) {
      second = new Second(epochSecond, format(Instant.ofEpochSecond(epochSecond)));
      latest = second;
    }
    return second.text;
  }

  /** Null for what is not a date: such a field is ignored (RFC 9110 §13.1.3). */
  static @Nullable Instant parse(String text) {
    if (text.length() > MAX_CHARS) {
      return null; // Netty's parser throws
    }
    Date date = DateFormatter.parseHttpDate(text);
    return date == null ? null : date.toInstant();
  }
}
