package io.millrace.transport.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A complete reply: status, fields, content. Immutable, so that one instance may answer any number
 * of requests.
 *
 * <p>The connection adds {@code content-length}, {@code date}, {@code server} and what belongs to
 * its own framing, and leaves the content out for HEAD.
 *
 * @param headers in the order given
 */
public record HttpReply(int status, List<Header> headers, ReplyBody body) {

  /**
   * A field.
   *
   * @param name in lower case (RFC 9113 §8.2.1)
   */
  public record Header(String name, String value) {
    public Header {
      if (!isFieldName(name)) {
        throw new IllegalArgumentException("not a lower-case field name: " + name);
      }
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if ((c < ' ' && c != '\t') || c >= 0x7f) {
          throw new IllegalArgumentException("control or non-ASCII character in field " + name);
        }
      }
    }

    private static boolean isFieldName(String name) {
      if (name.isEmpty()) {
        return false;
      }
      for (int i = 0; i < name.length(); i++) {
        char c = name.charAt(i);
        boolean token = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!token) {
          return false;
        }
      }
      return true;
    }
  }

  public HttpReply {
    if (status < 200 || status > 599) {
      throw new IllegalArgumentException("not a final status code: " + status);
    }
    headers = List.copyOf(headers);
  }

  /** A reply without content. */
  public static HttpReply of(int status) {
    return new HttpReply(status, List.of(), ReplyBody.EMPTY);
  }

  public static HttpReply of(int status, String contentType, byte[] bytes) {
    return new HttpReply(
        status, List.of(new Header("content-type", contentType)), ReplyBody.of(bytes));
  }

  /** This reply with one more field. */
  public HttpReply with(String name, String value) {
    return with(List.of(new Header(name, value)));
  }

  /** This reply with more fields. */
  public HttpReply with(List<Header> more) {
    List<Header> all = new ArrayList<>(headers.size() + more.size());
    all.addAll(headers);
    all.addAll(more);
    return new HttpReply(status, all, body);
  }

  /**
   * The first value of a field.
   *
   * @param name in lower case
   */
  public @Nullable String header(String name) {
    for (Header header : headers) {
      if (header.name().equals(name)) {
        return header.value();
      }
    }
    return null;
  }
}
