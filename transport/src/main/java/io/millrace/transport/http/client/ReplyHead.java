package io.millrace.transport.http.client;

import io.millrace.transport.http.ReplyBody;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Status and fields of a reply.
 *
 * @param status final (RFC 9110 §15)
 * @param fields by name in lower case, in the order of the reply; several lines of one name are
 *     several entries
 */
public record ReplyHead(int status, List<Map.Entry<String, String>> fields) {
  public ReplyHead {
    fields = List.copyOf(fields);
  }

  /**
   * The first value of a field.
   *
   * @param name in lower case
   */
  public @Nullable String field(String name) {
    for (Map.Entry<String, String> field : fields) {
      if (field.getKey().equals(name)) {
        return field.getValue();
      }
    }
    return null;
  }

  /** {@code Content-Length} (RFC 9110 §8.6), or {@link ReplyBody#UNKNOWN}. */
  public long lengthBytes() {
    String text = field("content-length");
    if (text == null || text.isEmpty() || text.length() > 18) {
      return ReplyBody.UNKNOWN;
    }
    return text.chars().allMatch(c -> c >= '0' && c <= '9')
        ? Long.parseLong(text)
        : ReplyBody.UNKNOWN;
  }
}
