package io.millrace.transport.http;

import io.millrace.transport.http.RequestTarget.MalformedTargetException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.handler.codec.Headers;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One stream's request and how far its reply is, of HTTP/2 (RFC 9113 §8.1) or HTTP/3 (RFC 9114
 * §4.1). Confined to the connection's event loop.
 */
final class StreamRequest {
  private static final byte[] NO_BODY = {};

  /** Where the stream's reply goes. */
  interface Frames {
    /**
     * Sends the fields; does not flush.
     *
     * @param last no content follows
     */
    ChannelFuture head(HttpReply reply, boolean last);

    /** Takes a slice of the content; does not flush. */
    ChannelFuture data(ByteBuf slice, boolean last);

    /** Ends content of which it was not known that the last slice was the last. */
    ChannelFuture end();

    void flush();

    /** Called once, when nothing more will be written. */
    void ended(BodyPump.Outcome outcome);
  }

  final long streamId;
  private final long startNs;
  private final Peer peer;
  private final Exchange.Outlet outlet;
  private final Exchange.Request request;
  private final @Nullable HttpReply refusal;

  /** Set when the request is complete, or answered before that. */
  private @Nullable Exchange exchange;

  /** Set while the reply is written. */
  private @Nullable BodyPump pump;

  private @Nullable ByteArrayOutputStream body;

  /**
   * @param headers kept, not copied: nobody changes them
   * @param outlet where the reply is taken to
   */
  StreamRequest(
      Peer peer,
      Exchange.Outlet outlet,
      long streamId,
      Headers<CharSequence, CharSequence, ?> headers,
      HttpProtocol protocol) {
    this.peer = peer;
    this.outlet = outlet;
    this.streamId = streamId;
    this.startNs = peer.core.clockNs().getAsLong();
    RequestTarget target = new RequestTarget("/", QueryParameters.NONE);
    HttpReply refused = null;
    CharSequence path = headers.get(":path");
    try {
      target = RequestTarget.parse(path == null ? "" : path.toString());
    } catch (MalformedTargetException e) {
      refused = Http1Reader.malformed(String.valueOf(e.getMessage()));
    }
    this.refusal = refused;
    this.request =
        new Exchange.Request(
            String.valueOf(headers.get(":method")), target, fields(headers), protocol);
  }

  /** Takes in more of the content, or answers 413. Borrows the buffer. */
  void content(ByteBuf content) {
    if (exchange == null && !append(content, peer.core.limits().bodyBytes())) {
      open().respond(Http1Reader.tooLarge());
    }
  }

  /** The request is there to its end. */
  void complete() {
    if (exchange != null) {
      return;
    }
    Exchange opened = open();
    if (refusal != null) {
      opened.respond(refusal);
    } else {
      peer.core.dispatch(opened);
    }
  }

  private Exchange open() {
    Exchange opened =
        new Exchange(
            request,
            body == null ? NO_BODY : body.toByteArray(),
            peer.remote,
            peer.secure,
            peer.early(),
            peer.loop(),
            outlet,
            peer.core.clockNs().getAsLong());
    opened.stream = this;
    exchange = opened;
    return opened;
  }

  /** Starts the reply, unless the client has gone. */
  void reply(HttpReply reply, Frames frames) {
    Exchange answered = exchange;
    if (answered == null || answered.cancelled()) {
      if (answered != null) {
        peer.core.done(answered, reply.status(), 0, false);
      }
      return;
    }
    boolean content = reply.body().sizeBytes() != 0 && !answered.method().equals("HEAD");
    BodyPump started =
        new BodyPump(
            content ? reply.body() : ReplyBody.EMPTY,
            writer(answered, reply.status(), frames),
            peer.loop(),
            peer.core.clockNs());
    pump = started;
    started.start(frames.head(reply, !content));
  }

  private BodyPump.Writer writer(Exchange answered, int status, Frames frames) {
    return new BodyPump.Writer() {
      @Override
      public ChannelFuture write(ByteBuf slice, int starts, boolean last) {
        return frames.data(slice, last);
      }

      @Override
      public ChannelFuture end() {
        return frames.end();
      }

      @Override
      public void flush() {
        frames.flush();
      }

      @Override
      public void done(BodyPump.Outcome outcome, long sentBytes) {
        pump = null;
        peer.core.done(answered, status, sentBytes, outcome == BodyPump.Outcome.COMPLETE);
        frames.ended(outcome);
      }
    };
  }

  /** The stream has ended. */
  void gone() {
    if (pump != null) {
      pump.gone();
    } else if (exchange != null && exchange.cancel()) {
      peer.core.done(exchange, 499, 0, false);
    }
  }

  /** Which deadline it is over, if any. */
  @Nullable CloseReason overdue(long nowNs) {
    HttpLimits limits = peer.core.limits();
    if (pump != null && pump.stalled(nowNs, limits.write().toNanos())) {
      return CloseReason.WRITE_TIMEOUT;
    }
    return exchange == null && nowNs - startNs > limits.requestRead().toNanos()
        ? CloseReason.REQUEST_TIMEOUT
        : null;
  }

  /** Copies the content; false when it is over the limit. */
  private boolean append(ByteBuf content, int limitBytes) {
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

  private static RequestHeaders fields(Headers<CharSequence, CharSequence, ?> headers) {
    return name -> {
      if (name.startsWith(":")) {
        return null;
      }
      List<CharSequence> values = headers.getAll(name);
      if (values.isEmpty() && name.equals("host")) {
        // It stands for the field: RFC 9113 §8.3.1, RFC 9114 §4.3.1.
        CharSequence authority = headers.get(":authority");
        return authority == null ? null : authority.toString();
      }
      return values.isEmpty() ? null : String.join(", ", values);
    };
  }
}
