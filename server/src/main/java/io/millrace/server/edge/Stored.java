package io.millrace.server.edge;

import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import io.millrace.transport.http.RequestHeaders;
import io.millrace.transport.http.client.ReplyHead;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A whole reply of an origin: 200, or 404 for a moment. Immutable but for a memo; shared by all who
 * are answered with it. Conditions and ranges of viewers are evaluated here, on all of it.
 */
final class Stored {
  private static final long SECOND_NS = 1_000_000_000L;

  /** What a reply costs beside its content. */
  private static final int OVERHEAD_BYTES = 1_024;

  /** Fields that are the origin's to give; all others are a connection's, or none of viewers'. */
  private static final Set<String> KEPT =
      Set.of(
          "cache-control",
          "content-encoding",
          "vary",
          "cmsd-static",
          "cmsd-dynamic",
          "access-control-allow-origin",
          "access-control-expose-headers",
          "timing-allow-origin",
          "cross-origin-resource-policy",
          "x-content-type-options",
          "retry-after");

  private static final List<String> CONDITIONS =
      List.of(
          "if-none-match",
          "if-modified-since",
          "if-match",
          "if-unmodified-since",
          "if-range",
          "range");

  private record Aged(long ageS, HttpReply reply) {}

  private final int status;
  private final String contentType;
  private final List<Header> fields;
  private final ReplyBody body;
  private final @Nullable String etag;
  private final boolean ranges;
  private final long ageS;
  private final long storedNs;
  private final long freshNs;
  private volatile @Nullable Aged latest;

  private Stored(
      int status,
      String contentType,
      List<Header> fields,
      ReplyBody body,
      @Nullable String etag,
      boolean ranges,
      long ageS,
      long storedNs,
      long freshNs) {
    this.status = status;
    this.contentType = contentType;
    this.fields = fields;
    this.body = body;
    this.etag = etag;
    this.ranges = ranges;
    this.ageS = ageS;
    this.storedNs = storedNs;
    this.freshNs = freshNs;
  }

  static Stored of(ReplyHead head, ReplyBody body, long nowNs, long freshNs) {
    String contentType = head.field("content-type");
    return new Stored(
        head.status(),
        contentType == null ? "application/octet-stream" : contentType,
        fields(head),
        body,
        head.field("etag"),
        "bytes".equals(head.field("accept-ranges")),
        Freshness.ageS(head),
        nowNs,
        freshNs);
  }

  /** The same content, found unchanged (RFC 9111 §4.3.4). */
  Stored renewed(ReplyHead notModified, long nowNs, long moreNs) {
    List<Header> renewed = new ArrayList<>(fields(notModified));
    for (Header field : fields) {
      if (renewed.stream().noneMatch(each -> each.name().equals(field.name()))) {
        renewed.add(field);
      }
    }
    long newAgeS = Freshness.ageS(notModified);
    return new Stored(status, contentType, renewed, body, etag, ranges, newAgeS, nowNs, moreNs);
  }

  /** The same, fresh for another time. */
  Stored freshFor(long otherNs) {
    return new Stored(status, contentType, fields, body, etag, ranges, ageS, storedNs, otherNs);
  }

  static List<Header> fields(ReplyHead head) {
    List<Header> kept = new ArrayList<>();
    for (Map.Entry<String, String> field : head.fields()) {
      if (KEPT.contains(field.getKey())) {
        try {
          kept.add(new Header(field.getKey(), field.getValue()));
        } catch (IllegalArgumentException e) {
          // Not a value that may be sent on.
        }
      }
    }
    return kept;
  }

  @Nullable String etag() {
    return etag;
  }

  long storedNs() {
    return storedNs;
  }

  long freshNs() {
    return freshNs;
  }

  boolean isFresh(long nowNs) {
    return nowNs - storedNs < freshNs;
  }

  /** True while it may still be shown if no origin answers (RFC 5861 §4). */
  boolean isUsable(long nowNs, long staleNs) {
    return status == 200 && nowNs - storedNs < freshNs + staleNs;
  }

  int weightBytes() {
    return (int) Math.min(Integer.MAX_VALUE, body.sizeBytes() + OVERHEAD_BYTES);
  }

  /** How old it is, by its origin's clock and ours together. */
  long ageS(long nowNs) {
    return ageS + Math.max(0, (nowNs - storedNs) / SECOND_NS);
  }

  ReplyBody body() {
    return body;
  }

  /** The fields of a reply that this can be made of again. */
  List<Header> all() {
    List<Header> all = new ArrayList<>(fields);
    all.add(new Header("content-type", contentType));
    all.add(new Header("content-length", Long.toString(body.sizeBytes())));
    if (etag != null) {
      all.add(new Header("etag", etag));
    }
    if (ranges) {
      all.add(new Header("accept-ranges", "bytes"));
    }
    return all;
  }

  /** The answer to one who asks; the same object to all who ask plainly in the same second. */
  HttpReply reply(HttpExchange exchange, long nowNs) {
    long now = ageS(nowNs);
    if (status == 200 && isConditional(exchange.headers())) {
      return representation(aged(now)).reply(exchange.method(), exchange.headers());
    }
    Aged known = latest;
    return known == null || known.ageS != now ? plain(now) : known.reply;
  }

  /** Made once a second, whoever asks: its head is encoded once for all who are sent it. */
  private synchronized HttpReply plain(long now) {
    Aged known = latest;
    if (known == null || known.ageS != now) {
      HttpReply plain = representation(aged(now)).reply("GET", RequestHeaders.NONE);
      known = new Aged(now, new HttpReply(status, plain.headers(), plain.body()));
      latest = known;
    }
    return known.reply;
  }

  /** The answer while no origin can be asked: nobody keeps it. */
  HttpReply stale(HttpExchange exchange) {
    List<Header> renamed = new ArrayList<>();
    for (Header field : fields) {
      if (!field.name().equals("cache-control")) {
        renamed.add(field);
      }
    }
    renamed.add(new Header("cache-control", "no-store"));
    return representation(renamed).reply(exchange.method(), exchange.headers());
  }

  /** RFC 9111 §5.1. */
  private List<Header> aged(long seconds) {
    List<Header> all = new ArrayList<>(fields);
    if (seconds > 0) {
      all.add(new Header("age", Long.toString(seconds)));
    }
    return all;
  }

  private Representation representation(List<Header> headers) {
    return new Representation(contentType, body, etag, null, headers, ranges);
  }

  private static boolean isConditional(RequestHeaders headers) {
    for (String condition : CONDITIONS) {
      if (headers.has(condition)) {
        return true;
      }
    }
    return false;
  }
}
