package io.millrace.server.edge;

import io.millrace.transport.http.client.ReplyHead;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How long a reply may be used without asking again (RFC 9111 §4.2), as its origin says. Nothing is
 * guessed for one that does not.
 *
 * @param storable false for {@code no-store} and {@code private} (RFC 9111 §5.2.2)
 * @param forNs 0: only after asking
 */
record Freshness(boolean storable, long forNs) {
  private static final long SECOND_NS = 1_000_000_000L;

  /** A year and more is for ever. */
  private static final long MAX_S = 31_536_000;

  static Freshness of(ReplyHead head) {
    String field = head.field("cache-control");
    long maxAgeS = 0;
    long sharedS = -1;
    boolean storable = true;
    boolean ask = false;
    if (field != null) {
      for (String part : field.split(",", 32)) {
        String directive = part.strip().toLowerCase(Locale.ROOT);
        switch (directive) {
          case "no-store", "private" -> storable = false;
          case "no-cache" -> ask = true;
          default -> {
            if (directive.startsWith("max-age=")) {
              maxAgeS = seconds(directive.substring("max-age=".length()));
            } else if (directive.startsWith("s-maxage=")) {
              sharedS = seconds(directive.substring("s-maxage=".length()));
            }
          }
        }
      }
    }
    long forS = ask ? 0 : sharedS >= 0 ? sharedS : maxAgeS;
    return new Freshness(storable, Math.max(0, forS - ageS(head)) * SECOND_NS);
  }

  /** How old it was when it came (RFC 9111 §5.1). */
  static long ageS(ReplyHead head) {
    return seconds(head.field("age"));
  }

  private static long seconds(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return 0;
    }
    boolean digits = text.chars().allMatch(c -> c >= '0' && c <= '9');
    return !digits ? 0 : text.length() > 9 ? MAX_S : Math.min(MAX_S, Long.parseLong(text));
  }
}
