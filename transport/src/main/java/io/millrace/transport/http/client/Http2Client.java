package io.millrace.transport.http.client;

import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** HTTP/2 to a server (RFC 9113): a stream is a {@link Call}, and no channel of its own. */
final class Http2Client extends Http2ConnectionHandler implements ClientConnection {
  /** Over all streams: a fast path with a round trip of 100 ms is not held up by it. */
  private static final int CONNECTION_WINDOW_BYTES = 16 << 20;

  private final Owner owner;
  private final Map<Integer, Call> calls = new LinkedHashMap<>();
  private @Nullable ChannelHandlerContext context;
  private boolean leaving;

  Http2Client(
      Owner owner,
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings) {
    super(decoder, encoder, settings);
    this.owner = owner;
    connection()
        .addListener(
            new Http2ConnectionAdapter() {
              @Override
              public void onStreamClosed(Http2Stream stream) {
                streamClosed(stream.id());
              }

              // RFC 9113 §6.8: streams behind the last one named were not looked at.
              @Override
              public void onGoAwayReceived(int lastStreamId, long error, ByteBuf debugData) {
                goAway(lastStreamId);
              }
            });
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.handlerAdded(ctx);
    Http2Stream all = connection().connectionStream();
    int windowBytes = connection().local().flowController().windowSize(all);
    connection()
        .local()
        .flowController()
        .incrementWindowSize(all, CONNECTION_WINDOW_BYTES - windowBytes);
    ctx.flush();
  }

  @Override
  public int room() {
    ChannelHandlerContext ctx = context;
    if (ctx == null || leaving || !ctx.channel().isActive()) {
      return 0;
    }
    int most =
        Math.min(owner.settings().streamsPerConnection(), connection().local().maxActiveStreams());
    return Math.max(0, most - calls.size());
  }

  @Override
  public void start(Call call) {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("no connection yet");
    }
    int streamId = connection().local().incrementAndGetNextStreamId();
    call.connection = this;
    call.streamId = streamId;
    calls.put(streamId, call);
    Http2Headers head =
        new DefaultHttp2Headers(false)
            .method("GET")
            .scheme(owner.scheme())
            .authority(owner.authority())
            .path(call.request.target());
    for (Header header : call.request.headers()) {
      head.add(header.name(), header.value());
    }
    encoder()
        .writeHeaders(ctx, streamId, head, 0, true, ctx.newPromise())
        .addListener(
            written -> {
              if (!written.isSuccess() && calls.remove(streamId, call)) {
                owner.again(call, new ClientFailure(Kind.BROKEN, "" + written.cause()));
              }
            });
    flush(ctx);
  }

  void headersRead(int streamId, Http2Headers headers, boolean last) {
    Call call = calls.get(streamId);
    if (call == null) {
      return;
    }
    call.progress(owner.nowNs() + owner.settings().quiet().toNanos());
    if (call.untouched()) {
      int status = status(headers);
      if (status < 0) {
        fail(call, new ClientFailure(Kind.BROKEN, "a reply without a status"));
        return;
      }
      if (status < 200) {
        return; // interim (RFC 9110 §15.2)
      }
      List<Map.Entry<String, String>> fields = new ArrayList<>(headers.size());
      for (Map.Entry<CharSequence, CharSequence> field : headers) {
        if (field.getKey().charAt(0) != ':') {
          fields.add(Map.entry(field.getKey().toString(), field.getValue().toString()));
        }
      }
      call.head(new ReplyHead(status, fields));
    }
    if (last) {
      end(call);
    }
  }

  private static int status(Http2Headers headers) {
    CharSequence status = headers.status();
    return status != null && status.length() == 3 && status.chars().allMatch(Character::isDigit)
        ? Integer.parseInt(status.toString())
        : -1;
  }

  /** Borrows the content. */
  void dataRead(int streamId, ByteBuf content, boolean last) {
    Call call = calls.get(streamId);
    if (call == null) {
      return;
    }
    if (content.isReadable()) {
      call.progress(owner.nowNs() + owner.settings().quiet().toNanos());
      call.data(ByteBufUtil.getBytes(content));
    }
    if (last) {
      end(call);
    }
  }

  private void end(Call call) {
    calls.remove(call.streamId);
    call.ended();
    owner.changed();
  }

  void resetRead(int streamId, long error) {
    Call call = calls.remove(streamId);
    if (call != null) {
      ClientFailure failure =
          new ClientFailure(
              Kind.BROKEN, "the server reset the stream: " + Http2Error.valueOf(error));
      if (error == Http2Error.REFUSED_STREAM.code()) { // RFC 9113 §8.7
        owner.again(call, failure);
      } else {
        call.failed(failure);
      }
    }
  }

  private void streamClosed(int streamId) {
    Call call = calls.remove(streamId);
    if (call != null) {
      call.failed(new ClientFailure(Kind.BROKEN, "the stream was closed"));
    }
    owner.changed();
  }

  private void goAway(int lastStreamId) {
    leaving = true;
    ClientFailure failure = new ClientFailure(Kind.BROKEN, "the server goes away");
    for (Call call : List.copyOf(calls.values())) {
      if (call.streamId > lastStreamId && calls.remove(call.streamId, call)) {
        owner.again(call, failure);
      }
    }
    owner.changed();
  }

  @Override
  public void abandon(Call call) {
    ChannelHandlerContext ctx = context;
    if (calls.remove(call.streamId, call) && ctx != null) {
      var _ = resetStream(ctx, call.streamId, Http2Error.CANCEL.code(), ctx.newPromise());
      flush(ctx);
      owner.changed();
    }
  }

  private void fail(Call call, ClientFailure why) {
    abandon(call);
    call.failed(why);
  }

  @Override
  public void sweep(long nowNs) {
    for (Call call : List.copyOf(calls.values())) {
      if (call.isLate(nowNs)) {
        fail(
            call, new ClientFailure(Kind.TIMEOUT, call.untouched() ? "no reply" : "reply stalled"));
      }
    }
  }

  @Override
  public void close(ClientFailure why) {
    ChannelHandlerContext ctx = context;
    leaving = true;
    failAll(why);
    if (ctx != null) {
      var _ = ctx.channel().close();
    }
  }

  private void failAll(ClientFailure why) {
    List<Call> all = List.copyOf(calls.values());
    calls.clear();
    all.forEach(call -> call.failed(why));
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    leaving = true;
    failAll(new ClientFailure(Kind.BROKEN, "the connection was closed"));
    super.channelInactive(ctx);
    owner.changed();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) throws Exception {
    if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) == null) {
      close(new ClientFailure(Kind.BROKEN, String.valueOf(cause)));
    } else {
      super.exceptionCaught(ctx, cause);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception http2) {
    leaving = true;
    failAll(new ClientFailure(Kind.BROKEN, "HTTP/2: " + cause.getMessage()));
    super.onConnectionError(ctx, outbound, cause, http2);
  }
}
