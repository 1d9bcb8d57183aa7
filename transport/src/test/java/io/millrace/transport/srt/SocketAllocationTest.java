package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.transport.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Heap allocated for a packet between real sockets, sender and receiver on one loop, with Netty's
 * pool as in the server.
 */
@Timeout(60)
class SocketAllocationTest {
  private static final int BURST = 64;
  private static final int WARM_UP_BURSTS = 30;
  private static final int MEASURED_BURSTS = 30;
  private static final int PAYLOAD_BYTES = 1_316;

  /**
   * Netty makes an object of each datagram received, and several of its sender's address; the rest
   * is for acknowledgements and ticks. 400 bytes before the compiler has seen much of it.
   */
  private static final double MAX_BYTES = 640;

  private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
  private final Loops loops = Loops.open(1, "srt-test");
  private final Semaphore received = new Semaphore(0);

  /** Takes everyone and counts payloads. */
  private final class Counting implements SrtPublishHandler, SrtPublicationListener {
    @Override
    public CompletionStage<SrtDecision> authorize(SrtRequest request) {
      return CompletableFuture.completedFuture(SrtDecision.accept());
    }

    @Override
    public SrtPublicationListener opened(SrtPublication publication) {
      return this;
    }

    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      payload.release();
      received.release();
    }

    @Override
    public void onEnd(EndReason reason) {}

    @Override
    public void sessionEnded(SrtSessionSummary summary) {}
  }

  /** Leak detection allocates for every buffer. */
  @BeforeEach
  void stopLeakDetection() {
    assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
            && bean.isThreadAllocatedMemorySupported(),
        "this JVM does not count a thread's allocations");
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  @AfterEach
  void stop() throws Exception {
    ResourceLeakDetector.setLevel(level);
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  @Test
  void whatAPacketBetweenSocketsAllocatesIsBounded() throws Exception {
    Counting counting = new Counting();
    EventLoop loop = loops.group().next();
    try (SrtServer server =
        SrtServer.bind(
            loops,
            new InetSocketAddress("127.0.0.1", 0),
            SrtSettings.defaults().withLatency(Duration.ZERO, Duration.ofSeconds(1)),
            counting)) {
      SrtCall call =
          SrtCaller.connect(
                  loop,
                  server.address(),
                  SrtCallerSettings.of("live/cam", null)
                      .withTimes(Duration.ZERO, Duration.ofSeconds(5)),
                  counting)
              .get(5, TimeUnit.SECONDS);
      bursts(loop, call, WARM_UP_BURSTS);
      long before = allocatedBytes(loop);
      bursts(loop, call, MEASURED_BURSTS);
      double perPacket = (double) (allocatedBytes(loop) - before) / (MEASURED_BURSTS * BURST);
      assertThat(perPacket).as("bytes a packet sent and received").isLessThan(MAX_BYTES);
      call.close("done");
    }
  }

  private void bursts(EventLoop loop, SrtCall call, int count) throws Exception {
    Runnable burst =
        () -> {
          for (int i = 0; i < BURST; i++) {
            call.send(payload());
          }
        };
    for (int i = 0; i < count; i++) {
      loop.execute(burst);
      assertThat(received.tryAcquire(BURST, 5, TimeUnit.SECONDS)).as("payloads").isTrue();
    }
  }

  private static ByteBuf payload() {
    return PooledByteBufAllocator.DEFAULT
        .directBuffer(PAYLOAD_BYTES, PAYLOAD_BYTES)
        .writerIndex(PAYLOAD_BYTES);
  }

  private static long allocatedBytes(EventLoop loop) throws Exception {
    return loop.submit(
            () ->
                ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                    .getCurrentThreadAllocatedBytes())
        .get(5, TimeUnit.SECONDS);
  }
}
