package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;

/**
 * Builds an {@link Http2Connection} with its limits: concurrent streams, header list, resets in
 * both directions (CVE-2023-44487, CVE-2025-55163), empty DATA, small CONTINUATION frames
 * (CVE-2024-27316), unread answers to PING and SETTINGS, and frames that ask for nothing ({@link
 * FrameCredit}).
 */
final class Http2ConnectionBuilder
    extends AbstractHttp2ConnectionHandlerBuilder<Http2Connection, Http2ConnectionBuilder> {
  private static final int MAX_QUEUED_CONTROL_FRAMES = 1_000;
  private static final int MAX_SMALL_CONTINUATIONS = 16;
  private static final int MAX_EMPTY_DATA_FRAMES = 2;
  private static final long DRAIN_MILLIS = 30_000;

  private final Peer peer;

  private Http2ConnectionBuilder(Peer peer) {
    this.peer = peer;
  }

  static Http2Connection build(Peer peer) {
    HttpLimits limits = peer.core.limits();
    int windowSeconds = (int) Math.max(1, limits.resetWindow().toSeconds());
    return new Http2ConnectionBuilder(peer)
        .server(true)
        .initialSettings(
            Http2Settings.defaultSettings()
                .maxConcurrentStreams(limits.streamsPerConnection())
                .maxHeaderListSize(limits.headerBytes()))
        .validateHeaders(true)
        .validateRequiredPseudoHeaders(true)
        .encoderEnforceMaxQueuedControlFrames(MAX_QUEUED_CONTROL_FRAMES)
        .decoderEnforceMaxConsecutiveEmptyDataFrames(MAX_EMPTY_DATA_FRAMES)
        .decoderEnforceMaxSmallContinuationFrames(MAX_SMALL_CONTINUATIONS)
        .decoderEnforceMaxRstFramesPerWindow(limits.resetsPerWindow(), windowSeconds)
        .encoderEnforceMaxRstFramesPerWindow(limits.resetsPerWindow(), windowSeconds)
        .gracefulShutdownTimeoutMillis(DRAIN_MILLIS)
        .build();
  }

  @Override
  protected Http2Connection build(
      Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
    Http2Connection connection = new Http2Connection(peer, decoder, encoder, settings);
    frameListener(new Requests(connection));
    return connection;
  }

  /**
   * Passes on the frames that make up requests; the codec deals with all others, which are counted.
   */
  private static final class Requests extends Http2EventAdapter {
    private final Http2Connection connection;
    private final FrameCredit credit;

    Requests(Http2Connection connection) {
      this.connection = connection;
      this.credit = connection.credit();
    }

    @Override
    public void onPingRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
      credit.spend();
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) throws Http2Exception {
      credit.spend();
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings)
        throws Http2Exception {
      credit.spend();
    }

    @Override
    public void onPriorityRead(
        ChannelHandlerContext ctx, int streamId, int dependency, short weight, boolean exclusive)
        throws Http2Exception {
      credit.spend();
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int streamId, int increment)
        throws Http2Exception {
      credit.spend();
    }

    @Override
    public void onUnknownFrame(
        ChannelHandlerContext ctx, byte type, int streamId, Http2Flags flags, ByteBuf payload)
        throws Http2Exception {
      credit.spend();
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int streamId,
        Http2Headers headers,
        int padding,
        boolean endOfStream)
        throws Http2Exception {
      connection.headersRead(streamId, headers, endOfStream);
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
        boolean endOfStream)
        throws Http2Exception {
      connection.headersRead(streamId, headers, endOfStream);
    }

    /** Content is copied out at once, so all of it is returned to the flow-control window. */
    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
      int size = data.readableBytes() + padding;
      connection.dataRead(streamId, data, endOfStream);
      return size;
    }
  }
}
