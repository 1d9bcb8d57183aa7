package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import io.millrace.transport.srt.wire.AckPacket;
import io.millrace.transport.srt.wire.LossReport;
import io.millrace.transport.srt.wire.SequenceNumber;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.lang.management.ManagementFactory;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Heap allocated for a packet in the steady state, with Netty's pool as in the server. */
final class AllocationTest {
  private static final int WARM_UP = 100_000;
  private static final int MEASURED = 100_000;
  private static final int LOST_EVERY = 50;
  private static final int PACKET_BYTES = 1_332;
  private static final long INTERVAL_US = 5_000;

  /** Of the pool's own doing; one small object a packet would be more. */
  private static final double TOLERANCE_BYTES = 8;

  private static ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
  private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);

  /** Leak detection allocates for every buffer. */
  @BeforeAll
  static void stopLeakDetection() {
    assumeTrue(
        ManagementFactory.getThreadMXBean() instanceof ThreadMXBean bean
            && bean.isThreadAllocatedMemorySupported(),
        "this JVM does not count a thread's allocations");
    level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
  }

  @AfterAll
  static void resumeLeakDetection() {
    ResourceLeakDetector.setLevel(level);
  }

  private static long allocatedBytes() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  /** Sends and delivers to nobody. */
  private static final class Nowhere implements FlowOutput {
    @Override
    public void packet(ByteBuf packet) {
      packet.release();
    }

    @Override
    public void payload(ByteBuf payload, long sourceTimeUs) {
      payload.release();
    }

    @Override
    public void extension(ByteBuf packet, long nowUs) {}

    @Override
    public void ended(FlowEnd reason) {}
  }

  private SrtConnection connection() {
    return new SrtConnection(FlowHarness.settings(1 << 20), null, allocator, new Nowhere(), 0);
  }

  /** Netty's pool keeps caches for its own kind of threads only. */
  private static void onEventLoopThread(Runnable test) throws Exception {
    FutureTask<Void> task = new FutureTask<>(test, null);
    Thread thread = new FastThreadLocalThread(task);
    thread.start();
    task.get(1, TimeUnit.MINUTES);
  }

  @Test
  void receivingAllocatesNothing() throws Exception {
    onEventLoopThread(this::measureReceiving);
  }

  private void measureReceiving() {
    SrtConnection connection = connection();
    receive(connection, 0, WARM_UP);
    long before = allocatedBytes();
    receive(connection, WARM_UP, WARM_UP + MEASURED);
    double perPacket = (double) (allocatedBytes() - before) / MEASURED;
    SrtStatistics statistics = connection.statistics((WARM_UP + MEASURED) * INTERVAL_US);
    assertThat(statistics.pktRecvUnique()).isEqualTo(WARM_UP + MEASURED);
    assertThat(statistics.pktSentNAK()).isGreaterThan(MEASURED / LOST_EVERY);
    assertThat(statistics.pktSentACK()).isGreaterThan(MEASURED / 2);
    assertThat(perPacket).as("bytes a packet").isLessThan(TOLERANCE_BYTES);
    connection.close((WARM_UP + MEASURED) * INTERVAL_US);
  }

  /** One in fifty is lost and comes three packets later. */
  private void receive(SrtConnection connection, int from, int to) {
    for (int index = from; index < to; index++) {
      long nowUs = index * INTERVAL_US;
      if (connection.dueUs() <= nowUs) {
        connection.onTimer(nowUs);
      }
      if (index % LOST_EVERY != 10) {
        connection.onPacket(data(index, nowUs), nowUs);
      }
      if (index % LOST_EVERY == 13) {
        connection.onPacket(data(index - 3, nowUs), nowUs);
      }
    }
  }

  private ByteBuf data(int index, long nowUs) {
    ByteBuf packet = allocator.directBuffer(PACKET_BYTES, PACKET_BYTES);
    int sequence = SequenceNumber.add(FlowHarness.PEER_FIRST, index);
    SrtPacket.writeData(packet, sequence, index + 1, (int) nowUs, 1);
    return packet.writerIndex(PACKET_BYTES);
  }

  @Test
  void sendingAllocatesNothing() throws Exception {
    onEventLoopThread(this::measureSending);
  }

  private void measureSending() {
    SrtConnection connection = connection();
    send(connection, 0, WARM_UP);
    long before = allocatedBytes();
    send(connection, WARM_UP, WARM_UP + MEASURED);
    double perPacket = (double) (allocatedBytes() - before) / MEASURED;
    SrtStatistics statistics = connection.statistics((WARM_UP + MEASURED) * INTERVAL_US);
    assertThat(statistics.pktSentUnique()).isEqualTo(WARM_UP + MEASURED);
    assertThat(statistics.pktRetrans()).isGreaterThanOrEqualTo(MEASURED / LOST_EVERY);
    assertThat(statistics.pktRecvACK()).isGreaterThan(MEASURED / 2);
    assertThat(perPacket).as("bytes a packet").isLessThan(TOLERANCE_BYTES);
    connection.close((WARM_UP + MEASURED) * INTERVAL_US);
  }

  /** One in fifty is reported as lost; every second one is acknowledged ten packets later. */
  private void send(SrtConnection connection, int from, int to) {
    for (int index = from; index < to; index++) {
      long nowUs = index * INTERVAL_US;
      ByteBuf payload = allocator.directBuffer(PACKET_BYTES, PACKET_BYTES);
      connection.send(payload.writerIndex(1_316), nowUs);
      if (connection.dueUs() <= nowUs) {
        connection.onTimer(nowUs);
      }
      if (index % LOST_EVERY == 13) {
        connection.onPacket(lossReport(index - 3, nowUs), nowUs);
      }
      if (index % 2 == 0 && index > 10) {
        connection.onPacket(acknowledgement(index, nowUs), nowUs);
      }
    }
  }

  private ByteBuf lossReport(int index, long nowUs) {
    ByteBuf packet = allocator.directBuffer(64);
    LossReport.writeHeader(packet, (int) nowUs, 1);
    int lost = FlowHarness.OWN_FIRST + index;
    LossReport.writeRange(packet, lost, lost);
    return packet;
  }

  private ByteBuf acknowledgement(int index, long nowUs) {
    ByteBuf packet = allocator.directBuffer(64);
    int acknowledged = FlowHarness.OWN_FIRST + index - 10;
    AckPacket.writeFull(packet, index, acknowledged, 10_000, 10, 1_000, 0, 0, 0, (int) nowUs, 1);
    return packet;
  }
}
