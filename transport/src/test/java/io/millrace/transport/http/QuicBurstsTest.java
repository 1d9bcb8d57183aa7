package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.epoll.SegmentedDatagramPacket;
import io.netty.channel.socket.DatagramPacket;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What leaves the server's sockets, and that it is what the viewers get. */
@ExtendWith(NoLeaks.class)
class QuicBurstsTest {
  private static final int BODY_BYTES = 300_000;
  private static final int MAX_CALL_BYTES = 65_507;
  private static final int MAX_SEGMENTS = 64;
  private static final int VIEWERS = 4;

  private final byte[] content = new byte[BODY_BYTES];
  private final HttpHandler handler =
      exchange -> exchange.respond(HttpReply.of(200, "x/y", content));

  @BeforeEach
  void fill() {
    assumeTrue(SegmentedDatagramPacket.isSupported(), "UDP_SEGMENT");
    new Random(7).nextBytes(content);
  }

  /** Counts what is written to a socket; passes it on, at once or late. */
  private static final class Wire extends ChannelOutboundHandlerAdapter {
    private final long delayMs;
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong trainBytes = new AtomicLong();
    final AtomicLong scatteredBytes = new AtomicLong();
    final AtomicLong mostBytes = new AtomicLong();
    final AtomicLong mostSegments = new AtomicLong();

    Wire(long delayMs) {
      this.delayMs = delayMs;
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      if (message instanceof DatagramPacket packet) {
        count(packet);
      }
      if (delayMs == 0) {
        var _ = ctx.write(message, promise);
      } else {
        var _ =
            ctx.executor()
                .schedule(
                    () -> ctx.writeAndFlush(message, promise), delayMs, TimeUnit.MILLISECONDS);
      }
    }

    private void count(DatagramPacket packet) {
      int size = packet.content().readableBytes();
      bytes.addAndGet(size);
      mostBytes.accumulateAndGet(size, Math::max);
      if (packet instanceof io.netty.channel.unix.SegmentedDatagramPacket train) {
        mostSegments.accumulateAndGet(Math.ceilDiv(size, train.segmentSize()), Math::max);
        boolean joined = packet.content().nioBufferCount() == 1;
        (joined ? trainBytes : scatteredBytes).addAndGet(size);
      }
    }
  }

  private static List<Wire> tap(TestServer server, long delayMs) {
    List<Wire> wires = new ArrayList<>();
    for (Channel socket : server.server.quicListeners.getFirst().sockets) {
      Wire wire = new Wire(delayMs);
      socket.pipeline().addFirst(wire);
      wires.add(wire);
    }
    return wires;
  }

  private void load(TestServer server, int requests) throws Exception {
    List<Http3Client> viewers = new ArrayList<>();
    try {
      for (int i = 0; i < VIEWERS; i++) {
        viewers.add(new Http3Client(server));
      }
      for (int i = 0; i < requests; i++) {
        var answers = new ArrayList<Http3Client.Request>();
        for (Http3Client viewer : viewers) {
          answers.add(viewer.get("/" + i));
        }
        for (Http3Client.Request answer : answers) {
          assertThat(answer.awaitBody()).isEqualTo(content);
        }
      }
    } finally {
      for (Http3Client viewer : viewers) {
        viewer.close();
      }
    }
  }

  @Test
  void mediaLeavesInOnePieceForEachCall() throws Exception {
    try (TestServer server = new TestServer(handler)) {
      List<Wire> wires = tap(server, 0);
      load(server, 5);
      long bytes = wires.stream().mapToLong(wire -> wire.bytes.get()).sum();
      long trains = wires.stream().mapToLong(wire -> wire.trainBytes.get()).sum();
      long scattered = wires.stream().mapToLong(wire -> wire.scatteredBytes.get()).sum();
      assertThat(bytes).isGreaterThan(5L * VIEWERS * BODY_BYTES);
      assertThat(trains).as("in trains, of %d bytes", bytes).isGreaterThan(bytes / 2);
      assertThat(scattered).as("by the codec, of %d bytes", bytes).isLessThan(bytes / 10);
      assertThat(wires)
          .allSatisfy(
              wire -> {
                assertThat(wire.mostBytes.get()).isLessThanOrEqualTo(MAX_CALL_BYTES);
                assertThat(wire.mostSegments.get()).isLessThanOrEqualTo(MAX_SEGMENTS);
              });
    }
  }

  @Test
  void memoryIsNotWrittenAgainBeforeTheKernelHasIt() throws Exception {
    try (TestServer server = new TestServer(handler)) {
      List<Wire> wires = tap(server, 3);
      load(server, 3);
      assertThat(wires.stream().mapToLong(wire -> wire.trainBytes.get()).sum()).isPositive();
    }
  }
}
