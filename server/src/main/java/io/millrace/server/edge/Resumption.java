package io.millrace.server.edge;

import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.client.ReplyHead;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a reply means to content that broke off and whose rest was asked for by a range (RFC 9110
 * §14.2): media is the same for ever under its name, so it goes on where it ended.
 */
sealed interface Resumption {
  Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(\\d{1,18}|\\*)");

  /**
   * It goes on.
   *
   * @param offset of the first byte that comes, in all of the content
   */
  record From(long offset) implements Resumption {}

  /** Nothing was missing. */
  record Complete() implements Resumption {}

  /** Not now, and perhaps later. */
  record NotYet() implements Resumption {}

  /** Other content, which does not go with what there is. */
  record Different() implements Resumption {}

  /** Fields that ask for the rest. */
  static List<Header> fields(ReplyHead first, long haveBytes) {
    Header range = new Header("range", "bytes=" + haveBytes + "-");
    String etag = first.field("etag");
    return etag == null || etag.startsWith("W/")
        ? List.of(range)
        : List.of(range, new Header("if-range", etag)); // RFC 9110 §13.1.5
  }

  /**
   * @param first what the content began with
   * @param haveBytes of it
   */
  static Resumption of(ReplyHead first, ReplyHead reply, long haveBytes) {
    return switch (reply.status()) {
      case 206 -> partial(first, reply, haveBytes);
      case 200 ->
          sameTag(first, reply) && sameLength(first, reply.lengthBytes())
              ? new From(0)
              : new Different();
      case 416 ->
          ("bytes */" + haveBytes).equals(reply.field("content-range"))
                  && sameLength(first, haveBytes)
              ? new Complete()
              : new Different();
      default -> new NotYet();
    };
  }

  private static Resumption partial(ReplyHead first, ReplyHead reply, long haveBytes) {
    String field = reply.field("content-range");
    Matcher range = RANGE.matcher(field == null ? "" : field);
    if (!range.matches() || !sameTag(first, reply)) {
      return new Different();
    }
    long offset = Long.parseLong(range.group(1));
    String total = range.group(2);
    boolean fits =
        offset <= haveBytes
            && sameLength(first, total.equals("*") ? ReplyBody.UNKNOWN : Long.parseLong(total));
    return fits ? new From(offset) : new Different();
  }

  private static boolean sameTag(ReplyHead first, ReplyHead reply) {
    String tag = first.field("etag");
    @Nullable String other = reply.field("etag");
    return tag == null || other == null || tag.equals(other);
  }

  private static boolean sameLength(ReplyHead first, long lengthBytes) {
    long known = first.lengthBytes();
    return known == ReplyBody.UNKNOWN || lengthBytes == ReplyBody.UNKNOWN || known == lengthBytes;
  }
}
