package io.millrace.transport.http;

import io.millrace.transport.http.RequestTarget.MalformedTargetException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One stream's request and how far its reply is. Confined to the connection's event loop. */
final class Http2Request {
  private static final byte[] NO_BODY = {};

  final int streamId;
  final long startNs;
  final Exchange.Request request;
  final @Nullable HttpReply refusal;

  /** Set when the request is complete, or answered before that. */
  @Nullable Exchange exchange;

  /** Set while the reply is written. */
  @Nullable BodyPump pump;

  private @Nullable ByteArrayOutputStream body;

  Http2Request(int streamId, Http2Headers headers, long startNs) {
    this.streamId = streamId;
    this.startNs = startNs;
    RequestTarget target = new RequestTarget("/", QueryParameters.NONE);
    HttpReply refused = null;
    CharSequence path = headers.path();
    try {
      target = RequestTarget.parse(path == null ? "" : path.toString());
    } catch (MalformedTargetException e) {
      refused = Http1Reader.malformed(String.valueOf(e.getMessage()));
    }
    this.refusal = refused;
    this.request =
        new Exchange.Request(
            String.valueOf(headers.method()), target, fields(headers), HttpProtocol.HTTP_2);
  }

  /** Copies the content; false when it is over the limit. Borrows {@code content}. */
  boolean append(ByteBuf content, int limitBytes) {
    int size = content.readableBytes();
    ByteArrayOutputStream collected = body == null ? new ByteArrayOutputStream(size) : body;
    if (collected.size() + size > limitBytes) {
      return false;
    }
    byte[] chunk = new byte[size];
    content.getBytes(content.readerIndex(), chunk);
    collected.writeBytes(chunk);
    body = collected;
    return true;
  }

  byte[] body() {
    return body == null ? NO_BODY : body.toByteArray();
  }

  private static RequestHeaders fields(Http2Headers headers) {
    return name -> {
      if (name.startsWith(":")) {
        return null;
      }
      List<CharSequence> values = headers.getAll(name);
      if (values.isEmpty() && name.equals("host")) {
        CharSequence authority = headers.authority(); // stands for it, RFC 9113 §8.3.1
        return authority == null ? null : authority.toString();
      }
      return values.isEmpty() ? null : String.join(", ", values);
    };
  }
}
