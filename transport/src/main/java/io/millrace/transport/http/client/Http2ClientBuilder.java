package io.millrace.transport.http.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;

/** Builds an {@link Http2Client}: no pushes, windows for segments rather than pages. */
final class Http2ClientBuilder
    extends AbstractHttp2ConnectionHandlerBuilder<Http2Client, Http2ClientBuilder> {
  private static final int STREAM_WINDOW_BYTES = 1 << 20;
  private static final int MAX_HEADER_BYTES = 32 << 10;
  private static final long GRACE_MILLIS = 2_000;

  private final ClientConnection.Owner owner;

  private Http2ClientBuilder(ClientConnection.Owner owner) {
    this.owner = owner;
  }

  static Http2Client build(ClientConnection.Owner owner) {
    return new Http2ClientBuilder(owner)
        .server(false)
        .initialSettings(
            Http2Settings.defaultSettings()
                .pushEnabled(false)
                .maxHeaderListSize(MAX_HEADER_BYTES)
                .initialWindowSize(STREAM_WINDOW_BYTES))
        .validateHeaders(true)
        .gracefulShutdownTimeoutMillis(GRACE_MILLIS)
        .build();
  }

  @Override
  protected Http2Client build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    Http2Client client = new Http2Client(owner, decoder, encoder, settings);
    frameListener(new Replies(client));
    return client;
  }

  /** Passes on the frames that make up replies. */
  private static final class Replies extends Http2EventAdapter {
    private final Http2Client client;

    Replies(Http2Client client) {
      this.client = client;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean last) {
      client.headersRead(streamId, headers, last);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int streamId,
        Http2Headers headers,
        int streamDependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean last) {
      client.headersRead(streamId, headers, last);
    }

    /** Content is copied out at once, so all of it is returned to the flow-control window. */
    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean last) {
      int size = data.readableBytes() + padding;
      client.dataRead(streamId, data, last);
      return size;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long error) {
      client.resetRead(streamId, error);
    }
  }
}
