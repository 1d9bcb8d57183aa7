package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.PublisherLimiter;
import io.millrace.transport.rtmp.wire.ChunkLimits;
import io.millrace.transport.rtmp.wire.ChunkReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * One server session without a socket: virtual time, and an allocator that counts, so that a byte
 * that is not released is seen at once.
 */
final class SessionHarness implements AutoCloseable {
  /** A message from the server. */
  record Reply(int type, int stream, byte[] body) {
    boolean contains(String text) {
      return new String(body, java.nio.charset.StandardCharsets.ISO_8859_1).contains(text);
    }
  }

  static final InetSocketAddress REMOTE = new InetSocketAddress("192.0.2.7", 40000);

  final RecordingHandler handler;
  final EmbeddedChannel channel;
  final RtmpServerSession session;
  final PublisherLimiter limiter = new PublisherLimiter(10, 10);
  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

  /** What the server has said, after its handshake. */
  final List<Reply> replies = new ArrayList<>();

  private final MockTicker ticker = Ticker.newMockTicker();
  private final ChunkReader replyReader =
      new ChunkReader(
          Unpooled.buffer(0).alloc(), new ChunkLimits(ChunkLimits.MAX_MESSAGE_BYTES, 1 << 20));
  private int handshakeLeft = 1 + 2 * 1536;
  private long peakBytes;

  SessionHarness() {
    this(new RecordingHandler());
  }

  SessionHarness(RecordingHandler handler) {
    this(handler, RtmpSettings.defaults());
  }

  SessionHarness(RecordingHandler handler, RtmpSettings settings) {
    this(handler, settings, handler);
  }

  /**
   * @param asked what the session is given, which hands the ends of sessions on to {@code handler}
   */
  SessionHarness(RecordingHandler handler, RtmpSettings settings, RtmpPublishHandler asked) {
    this.handler = handler;
    PublisherLimiter.Lease lease = limiter.tryAcquire(REMOTE.getAddress());
    session =
        new RtmpServerSession(
            new SessionAccount("s1", REMOTE, false, ticker.nanoTime()),
            settings,
            asked,
            lease,
            ticker);
    channel = EmbeddedChannel.builder().ticker(ticker).build();
    channel.config().setAllocator(allocator);
    channel.closeFuture().addListener(_ -> lease.release());
    channel.pipeline().addLast(session);
  }

  /** Feeds {@code bytes} in one read. */
  SessionHarness feed(byte[] bytes) {
    if (channel.isOpen()) {
      channel.writeInbound(Unpooled.wrappedBuffer(bytes));
    }
    return collect();
  }

  SessionHarness feed(Bytes bytes) {
    return feed(bytes.toArray());
  }

  /** Feeds {@code bytes} in reads of {@code readBytes}. */
  SessionHarness feed(byte[] bytes, int readBytes) {
    for (int i = 0; i < bytes.length && channel.isOpen(); i += readBytes) {
      channel.writeInbound(Unpooled.wrappedBuffer(bytes, i, Math.min(readBytes, bytes.length - i)));
      collect();
    }
    return this;
  }

  SessionHarness collect() {
    channel.runPendingTasks();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      int skipped = Math.min(handshakeLeft, out.readableBytes());
      out.skipBytes(skipped);
      handshakeLeft -= skipped;
      while (out.isReadable()) {
        replyReader.readMessage(
            out,
            (type, stream, _, body) -> {
              replies.add(new Reply(type, stream, ByteBufUtil.getBytes(body)));
              body.release();
            });
      }
      out.release();
    }
    peakBytes =
        Math.max(peakBytes, Math.max(session.heldBytes(), allocator.metric().usedHeapMemory()));
    return this;
  }

  SessionHarness advance(Duration duration) {
    ticker.advance(duration.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
    return collect();
  }

  /** Most memory of the peer's bytes that was held after any read. */
  long peakBytes() {
    return peakBytes;
  }

  boolean replied(String text) {
    return replies.stream().anyMatch(reply -> reply.contains(text));
  }

  RtmpSessionSummary summary() {
    assertThat(handler.summaries).as("ended sessions").hasSize(1);
    return handler.summaries.peek();
  }

  EndReason end() {
    return summary().end();
  }

  /** Cuts the connection, and checks that nothing is left behind. */
  @Override
  public void close() {
    channel.close();
    advance(Duration.ofSeconds(5));
    channel.checkException();
    channel.finishAndReleaseAll();
    assertThat(handler.summaries).as("ended sessions").hasSize(1);
    assertThat(allocator.metric().usedHeapMemory()).as("heap left").isZero();
    assertThat(allocator.metric().usedDirectMemory()).as("direct memory left").isZero();
    assertThat(limiter.connections()).isZero();
    assertThat(limiter.addresses()).isZero();
  }
}
