package io.millrace.transport.http;

import io.millrace.transport.http.HttpReply.Header;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that GET and HEAD may be answered with, with its validators: preconditions and ranges
 * are evaluated here, in the order of RFC 9110 §13.2.2.
 *
 * @param etag with its quotes, {@code W/} in front when weak; null for none
 * @param modified null for none
 * @param headers more fields, sent with 200, 206 and 304 alike
 * @param ranges whether byte ranges are offered; of content that is still being made only those
 *     are, whose last byte is there: of all others the whole is sent, as RFC 9110 §14.2 allows. So
 *     {@code bytes=0-}, which some players always ask for, gets the content as it grows
 */
public record Representation(
    String contentType,
    ReplyBody body,
    @Nullable String etag,
    @Nullable Instant modified,
    List<Header> headers,
    boolean ranges) {

  public Representation {
    headers = List.copyOf(headers);
  }

  /** The reply to a GET or HEAD with these fields: 200, 206, 304, 412 or 416. */
  public HttpReply reply(String method, RequestHeaders request) {
    if (failed(request)) {
      return Problem.reply(412, "Precondition failed", "The representation is another one")
          .with(headers);
    }
    if (notModified(request)) {
      return new HttpReply(304, validators(), ReplyBody.EMPTY);
    }
    if (!ranges || !method.equals("GET") || !rangeApplies(request)) {
      return whole();
    }
    if (body instanceof ReplyBody.Growing growing) {
      return growing(growing, request.get("range"));
    }
    return switch (ByteRange.parse(request.get("range"), body.sizeBytes())) {
      case ByteRange.Whole all -> whole();
      case ByteRange.Part part -> part(part);
      case ByteRange.Unsatisfiable none ->
          Problem.reply(416, "Range not satisfiable", "The range starts behind the last byte")
              .with("content-range", "bytes */" + body.sizeBytes())
              .with(headers.stream().filter(header -> !isCaching(header)).toList());
    };
  }

  /** RFC 9110 §14.4: a range of content whose length may not be known yet. */
  private HttpReply growing(ReplyBody.Growing growing, @Nullable String range) {
    boolean known = growing.sizeBytes() != ReplyBody.UNKNOWN;
    if (ByteRange.parse(range, known ? growing.sizeBytes() : Long.MAX_VALUE)
            instanceof ByteRange.Part part
        && ReplyBody.of(growing.content().growth().chunks()) instanceof ReplyBody.Bytes there
        && part.first() < there.sizeBytes()
        && part.sizeBytes() <= there.sizeBytes() - part.first()) {
      List<Header> fields = fields();
      long last = part.first() + part.sizeBytes() - 1;
      String of = known ? Long.toString(growing.sizeBytes()) : "*";
      fields.add(new Header("content-range", "bytes " + part.first() + "-" + last + "/" + of));
      return new HttpReply(206, fields, there.slice(part.first(), part.sizeBytes()));
    }
    return whole();
  }

  private HttpReply whole() {
    return new HttpReply(200, fields(), body);
  }

  private HttpReply part(ByteRange.Part part) {
    List<Header> fields = fields();
    long last = part.first() + part.sizeBytes() - 1;
    fields.add(
        new Header("content-range", "bytes " + part.first() + "-" + last + "/" + body.sizeBytes()));
    return switch (body) {
      case ReplyBody.Bytes bytes ->
          new HttpReply(206, fields, bytes.slice(part.first(), part.sizeBytes()));
      case ReplyBody.Empty empty ->
          throw new IllegalStateException("a part of nothing is never satisfiable");
      case ReplyBody.Growing growing ->
          throw new IllegalStateException("content of unknown length has ranges of its own");
      case ReplyBody.Live live ->
          throw new IllegalStateException("content without an end has no ranges");
    };
  }

  private List<Header> fields() {
    List<Header> fields = validators();
    fields.add(new Header("content-type", contentType));
    if (ranges) {
      fields.add(new Header("accept-ranges", "bytes"));
    }
    return fields;
  }

  private List<Header> validators() {
    List<Header> fields = new ArrayList<>(headers.size() + 5);
    fields.addAll(headers);
    if (etag != null) {
      fields.add(new Header("etag", etag));
    }
    if (modified != null) {
      fields.add(new Header("last-modified", HttpDate.format(modified)));
    }
    return fields;
  }

  /** RFC 9110 §13.1.1, §13.1.4. */
  private boolean failed(RequestHeaders request) {
    String match = request.get("if-match");
    if (match != null) {
      return !matches(match, true);
    }
    Instant limit = date(request.get("if-unmodified-since"));
    return limit != null && modified != null && modified.getEpochSecond() > limit.getEpochSecond();
  }

  /** RFC 9110 §13.1.2, §13.1.3. */
  private boolean notModified(RequestHeaders request) {
    String match = request.get("if-none-match");
    if (match != null) {
      return matches(match, false);
    }
    Instant since = date(request.get("if-modified-since"));
    return since != null && modified != null && modified.getEpochSecond() <= since.getEpochSecond();
  }

  /** RFC 9110 §13.1.5: a strong comparison; a date counts only when it is exact. */
  private boolean rangeApplies(RequestHeaders request) {
    String condition = request.get("if-range");
    if (condition == null) {
      return true;
    }
    if (condition.startsWith("\"") || condition.startsWith("W/")) {
      return etag != null && !etag.startsWith("W/") && condition.equals(etag);
    }
    Instant date = HttpDate.parse(condition);
    return date != null && modified != null && modified.getEpochSecond() == date.getEpochSecond();
  }

  /** Walks a list of entity tags (RFC 9110 §8.8.3); stops at what is not one. */
  private boolean matches(String list, boolean strong) {
    if (list.strip().equals("*")) {
      return true;
    }
    if (etag == null || (strong && etag.startsWith("W/"))) {
      return false;
    }
    String opaque = etag.startsWith("W/") ? etag.substring(2) : etag;
    int at = 0;
    while (at < list.length()) {
      char c = list.charAt(at);
      if (c == ' ' || c == ',' || c == '\t') {
        at++;
        continue;
      }
      boolean weak = list.startsWith("W/", at);
      int open = weak ? at + 2 : at;
      int close =
          open < list.length() && list.charAt(open) == '"' ? list.indexOf('"', open + 1) : -1;
      if (close < 0) {
        return false;
      }
      if (!(weak && strong)
          && list.regionMatches(open, opaque, 0, opaque.length())
          && opaque.length() == close + 1 - open) {
        return true;
      }
      at = close + 1;
    }
    return false;
  }

  private static @Nullable Instant date(@Nullable String field) {
    return field == null ? null : HttpDate.parse(field);
  }

  private static boolean isCaching(Header header) {
    return header.name().equals("cache-control");
  }
}
