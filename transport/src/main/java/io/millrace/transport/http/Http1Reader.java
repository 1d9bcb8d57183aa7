package io.millrace.transport.http;

import io.millrace.transport.http.RequestTarget.MalformedTargetException;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects the decoder's messages into requests, and refuses what breaks a rule or a limit. After a
 * refusal nothing more is read: where the next request starts is unknown (RFC 9112 §9.3).
 */
final class Http1Reader {
  private static final byte[] NO_BODY = {};
  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final Exchange.Request UNREADABLE =
      new Exchange.Request(
          "?",
          new RequestTarget("/", QueryParameters.NONE),
          RequestHeaders.NONE,
          HttpProtocol.HTTP_1_1);

  private final HttpLimits limits;
  private Exchange.@Nullable Request head;
  private boolean keepAlive;
  private @Nullable ByteArrayOutputStream body;
  private boolean refused;

  Http1Reader(HttpLimits limits) {
    this.limits = limits;
  }

  /**
   * A request starts. Borrows the message. Returns a refusal, or null to read on.
   *
   * @param quiet no reply is under way, so that an interim one may be written (RFC 9110 §10.1.1)
   */
  @Nullable Http1Request head(ChannelHandlerContext ctx, HttpRequest message, boolean quiet) {
    if (refused) {
      return null;
    }
    Throwable broken = message.decoderResult().cause();
    if (broken != null) {
      return refuse(UNREADABLE, unreadable(broken));
    }
    HttpVersion version = message.protocolVersion();
    if (version.majorVersion() != 1) {
      return refuse(
          UNREADABLE, Problem.reply(505, "HTTP version not supported", "Only HTTP/1.1 and HTTP/2"));
    }
    Exchange.Request request;
    try {
      request =
          new Exchange.Request(
              message.method().name(),
              RequestTarget.parse(message.uri()),
              headers(message),
              version.minorVersion() == 0 ? HttpProtocol.HTTP_1_0 : HttpProtocol.HTTP_1_1);
    } catch (MalformedTargetException e) {
      return refuse(UNREADABLE, malformed(String.valueOf(e.getMessage())));
    }
    int hosts = message.headers().getAll(HttpHeaderNames.HOST).size();
    if (hosts > 1 || (hosts == 0 && request.protocol() == HttpProtocol.HTTP_1_1)) {
      return refuse(request, malformed("exactly one Host field is needed")); // RFC 9112 §3.2
    }
    if (HttpUtil.isContentLengthSet(message)
        && HttpUtil.getContentLength(message, 0L) > limits.bodyBytes()) {
      return refuse(request, tooLarge());
    }
    if (quiet && HttpUtil.is100ContinueExpected(message)) {
      var _ = ctx.writeAndFlush(Unpooled.wrappedBuffer(CONTINUE));
    }
    head = request;
    keepAlive = HttpUtil.isKeepAlive(message);
    body = null;
    return null;
  }

  /** More of its content. Borrows the message. Returns the request when this was the last of it. */
  @Nullable Http1Request content(HttpContent message) {
    Exchange.Request request = head;
    if (refused || request == null) {
      return null;
    }
    if (message.decoderResult().isFailure()) {
      return refuse(request, malformed("broken chunked coding"));
    }
    int size = message.content().readableBytes();
    if (size > 0) {
      ByteArrayOutputStream collected = body == null ? new ByteArrayOutputStream(size) : body;
      if (collected.size() + size > limits.bodyBytes()) {
        return refuse(request, tooLarge());
      }
      byte[] chunk = new byte[size];
      message.content().getBytes(message.content().readerIndex(), chunk);
      collected.writeBytes(chunk);
      body = collected;
    }
    if (!(message instanceof LastHttpContent)) {
      return null;
    }
    byte[] content = body == null ? NO_BODY : body.toByteArray();
    head = null;
    body = null;
    return new Http1Request(request, content, keepAlive, null);
  }

  private Http1Request refuse(Exchange.Request request, HttpReply reply) {
    refused = true;
    head = null;
    body = null;
    return new Http1Request(request, NO_BODY, false, reply);
  }

  private static HttpReply unreadable(Throwable cause) {
    return switch (cause) {
      case TooLongHttpLineException line ->
          Problem.reply(414, "URI too long", "The request line is over the limit");
      case TooLongHttpHeaderException header ->
          Problem.reply(
              431, "Request header fields too large", "The header fields are over the limit");
      default -> malformed("not an HTTP/1.1 request");
    };
  }

  static HttpReply malformed(String rule) {
    return Problem.reply(400, "Malformed request", rule);
  }

  static HttpReply tooLarge() {
    return Problem.reply(413, "Content too large", "The request's content is over the limit");
  }

  private static RequestHeaders headers(HttpRequest message) {
    return name -> {
      List<String> values = message.headers().getAll(name);
      return switch (values.size()) {
        case 0 -> null;
        case 1 -> values.getFirst();
        default -> String.join(", ", values);
      };
    };
  }
}
