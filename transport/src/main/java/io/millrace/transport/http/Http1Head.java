package io.millrace.transport.http;

import io.millrace.transport.http.HttpReply.Header;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.jspecify.annotations.Nullable;

/**
 * A reply's status line and fields as bytes (RFC 9112 §4, §5):
 *
 * <pre>
 * HTTP/1.1 SP status SP reason CRLF (name ": " value CRLF)* CRLF
 * </pre>
 *
 * Names and values were checked when the reply was made.
 */
final class Http1Head {
  /** How the end of the content is told (RFC 9112 §6.3). */
  enum Framing {
    LENGTH,
    CHUNKED,
    /** By closing the connection, for HTTP/1.0. */
    CLOSE
  }

  /** Whether the connection goes on (RFC 9112 §9.3). */
  enum Persistence {
    /** As the version has it. */
    IMPLIED,
    KEEP_ALIVE,
    CLOSE
  }

  private static final int TYPICAL_BYTES = 640;

  private Http1Head() {}

  /**
   * Returns a new buffer, which is the caller's.
   *
   * @param altSvc where the same is to be had by HTTP/3 (RFC 7838 §3); null for nowhere
   */
  static ByteBuf encode(
      ByteBufAllocator allocator,
      HttpReply reply,
      Framing framing,
      Persistence persistence,
      String date,
      @Nullable String altSvc) {
    ByteBuf out = allocator.buffer(TYPICAL_BYTES);
    ascii(out, "HTTP/1.1 ");
    ascii(out, HttpResponseStatus.valueOf(reply.status()).toString());
    ascii(out, "\r\n");
    for (Header header : reply.headers()) {
      field(out, header.name(), header.value());
    }
    field(out, "date", date);
    field(out, "server", HttpServer.NAME);
    if (altSvc != null) {
      field(out, "alt-svc", altSvc);
    }
    boolean hasContent = reply.status() != 204 && reply.status() != 304;
    switch (framing) {
      case LENGTH -> {
        if (hasContent) {
          field(out, "content-length", Long.toString(reply.body().sizeBytes()));
        }
      }
      case CHUNKED -> field(out, "transfer-encoding", "chunked");
      case CLOSE -> {}
    }
    switch (persistence) {
      case IMPLIED -> {}
      case KEEP_ALIVE -> field(out, "connection", "keep-alive");
      case CLOSE -> field(out, "connection", "close");
    }
    ascii(out, "\r\n");
    return out;
  }

  private static void field(ByteBuf out, String name, String value) {
    ascii(out, name);
    ascii(out, ": ");
    ascii(out, value);
    ascii(out, "\r\n");
  }

  private static void ascii(ByteBuf out, String text) {
    ByteBufUtil.writeAscii(out, text);
  }
}
