package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.transport.Loops;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.util.ResourceLeakDetector;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Heap allocated for a packet between real sockets, sender and receiver on loops of their own, with
 * Netty's allocator as in the server.
 */
@Timeout(60)
class SocketAllocationTest {
  private static final int BURST = 512;
  private static final int BURSTS = 10;
  private static final int PAYLOAD_BYTES = 1_316;

  /** Until the compiler has seen enough of it. */
  private static final int MAX_ROUNDS = 30;

  /**
   * Less than the smallest object. What there is belongs to acknowledgements, ticks and turns of
   * the loop, and to the arrays in which Netty's recycler keeps buffers.
   */
  private static final double MAX_BYTES = 16;

  /**
   * Netty makes an object of each datagram that it reads, and several of its sender's address: 170
   * bytes, twice that before they are compiled.
   */
  private static final double MAX_BYTES_BY_CHANNEL = 640;

  private final ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
  private final Loops receiving = Loops.open(1, "srt-receiver");
  private final Loops sending = Loops.open(1, "srt-sender");
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
    for (Loops loops : List.of(receiving, sending)) {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
    }
  }

  @ParameterizedTest
  @EnumSource(ReceivePath.class)
  void packetsCostNoObjects(ReceivePath path) throws Exception {
    Counting counting = new Counting();
    EventLoop receiver = receiving.group().next();
    EventLoop sender = sending.group().next();
    assumeTrue(path.on(receiver) == path, "this machine has no such way");
    double maxReceived = path == ReceivePath.CHANNEL ? MAX_BYTES_BY_CHANNEL : MAX_BYTES;
    try (SrtServer server =
        SrtServer.bind(
            receiving,
            new InetSocketAddress("127.0.0.1", 0),
            SrtSettings.defaults().withLatency(Duration.ZERO, Duration.ofSeconds(1)),
            counting,
            path)) {
      SrtCall call =
          SrtCaller.connect(
                  sender,
                  server.address(),
                  SrtCallerSettings.of("live/cam", null)
                      .withTimes(Duration.ZERO, Duration.ofSeconds(5)),
                  counting)
              .get(5, TimeUnit.SECONDS);
      double received = Double.MAX_VALUE;
      double sent = Double.MAX_VALUE;
      for (int round = 0;
          round < MAX_ROUNDS && (received >= maxReceived || sent >= MAX_BYTES);
          round++) {
        long receiverBefore = allocatedBytes(receiver);
        long senderBefore = allocatedBytes(sender);
        bursts(sender, call);
        received = Math.min(received, perPacket(allocatedBytes(receiver) - receiverBefore));
        sent = Math.min(sent, perPacket(allocatedBytes(sender) - senderBefore));
      }
      assertThat(received).as("bytes a packet received, %s", path).isLessThan(maxReceived);
      assertThat(sent).as("bytes a packet sent").isLessThan(MAX_BYTES);
      call.close("done");
    }
  }

  private static double perPacket(long bytes) {
    return (double) bytes / (BURSTS * BURST);
  }

  private void bursts(EventLoop sender, SrtCall call) throws Exception {
    Runnable burst =
        () -> {
          for (int i = 0; i < BURST; i++) {
            call.send(payload());
          }
        };
    for (int i = 0; i < BURSTS; i++) {
      sender.execute(burst);
      assertThat(received.tryAcquire(BURST, 5, TimeUnit.SECONDS)).as("payloads").isTrue();
    }
  }

  private static ByteBuf payload() {
    return ByteBufAllocator.DEFAULT
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
