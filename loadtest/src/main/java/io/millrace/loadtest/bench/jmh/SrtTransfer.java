package io.millrace.loadtest.bench.jmh;

import io.millrace.transport.srt.flow.FlowEnd;
import io.millrace.transport.srt.flow.FlowOutput;
import io.millrace.transport.srt.flow.FlowSettings;
import io.millrace.transport.srt.flow.SrtConnection;
import io.millrace.transport.srt.wire.HandshakeException;
import io.millrace.transport.srt.wire.KeyExchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * An SRT sender and receiver on a virtual clock, joined by a link that loses packets in both
 * directions: what the protocol costs, without sockets. One operation is a second of 2 Mbit/s,
 * sending, receiving, acknowledgements and all. The network's copies of the packets are counted
 * with it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(2)
public class SrtTransfer {
  private static final int PAYLOAD_BYTES = 1316;
  private static final long INTERVAL_US = 5_264;
  private static final long DELAY_US = 20_000;
  private static final long LATENCY_US = 160_000;
  private static final long TICK_US = 1_000;
  private static final long SECOND_US = 1_000_000;
  private static final String PASSPHRASE = "benchmark-passphrase";
  private static final int FIRST_SEQUENCE = 1;
  private static final int WINDOW_PACKETS = 8_192;
  private static final int HELD_BYTES = 16 << 20;

  /** Percent of the packets. */
  @Param({"0", "3"})
  public int loss;

  /** Key length; 0 without encryption. */
  @Param({"0", "16"})
  public int keyBytes;

  private final Random random = new Random(1);
  private @Nullable End sender;
  private @Nullable End receiver;
  private ByteBuf payload = PooledByteBufAllocator.DEFAULT.buffer(0);
  private long nowUs;
  private long nextPayloadUs;

  private record InFlight(long arrivalUs, ByteBuf packet) {}

  /** One end, and the way from it to the other. */
  private final class End implements FlowOutput {
    final ArrayDeque<InFlight> way = new ArrayDeque<>();
    final SrtConnection connection;
    long deliveredBytes;

    End(@Nullable KeyExchange keys) {
      ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
      connection =
          new SrtConnection(
              settings(), keys == null ? null : keys.cipher(), allocator, this, nowUs);
    }

    @Override
    public void packet(ByteBuf packet) {
      if (random.nextInt(100) >= loss) {
        way.add(new InFlight(nowUs + DELAY_US, packet.copy()));
      }
      packet.release();
    }

    @Override
    public void payload(ByteBuf payload, long sourceTimeUs) {
      deliveredBytes += payload.readableBytes();
      payload.release();
    }

    @Override
    public void extension(ByteBuf packet, long nowUs) {}

    @Override
    public void ended(FlowEnd reason) {
      way.forEach(flight -> flight.packet.release());
      way.clear();
    }
  }

  private static FlowSettings settings() {
    return new FlowSettings(
        1,
        0,
        1_500,
        2 * DELAY_US,
        new FlowSettings.Receiving(
            FIRST_SEQUENCE,
            DELAY_US,
            LATENCY_US,
            WINDOW_PACKETS,
            HELD_BYTES,
            /* tooLateDrop= */ true,
            /* repeatNak= */ true,
            /* thriftyPeer= */ true,
            /* maxReorderPackets= */ 0),
        new FlowSettings.Sending(
            FIRST_SEQUENCE,
            LATENCY_US,
            WINDOW_PACKETS,
            HELD_BYTES,
            /* tooLateDrop= */ true,
            /* peerRepeatsNak= */ true,
            /* overheadPercent= */ 25,
            /* inputBytesPerSecond= */ 0));
  }

  /** Connects the two. */
  @Setup
  public void connect() throws HandshakeException {
    KeyExchange sending = null;
    KeyExchange receiving = null;
    if (keyBytes > 0) {
      SecureRandom secure = new SecureRandom();
      sending = KeyExchange.create(PASSPHRASE, keyBytes, secure, 1L << 24, 1L << 12);
      receiving =
          KeyExchange.accept(sending.handshakeBody(), PASSPHRASE, secure, 1L << 24, 1L << 12);
    }
    sender = new End(sending);
    receiver = new End(receiving);
    payload = PooledByteBufAllocator.DEFAULT.directBuffer(PAYLOAD_BYTES).writeZero(PAYLOAD_BYTES);
  }

  /** Goes on for a second. */
  @Benchmark
  public long second(Bytes counter) {
    End from = Objects.requireNonNull(sender);
    End to = Objects.requireNonNull(receiver);
    long before = to.deliveredBytes;
    for (long endUs = nowUs + SECOND_US; nowUs < endUs; nowUs += TICK_US) {
      for (; nextPayloadUs <= nowUs; nextPayloadUs += INTERVAL_US) {
        from.connection.send(payload.retain(), nowUs);
      }
      carry(from, to);
      carry(to, from);
      from.connection.onTimer(nowUs);
      to.connection.onTimer(nowUs);
    }
    counter.megabytes += (to.deliveredBytes - before) / 1e6;
    return to.deliveredBytes;
  }

  private void carry(End from, End to) {
    while (!from.way.isEmpty() && from.way.getFirst().arrivalUs <= nowUs) {
      to.connection.onPacket(from.way.removeFirst().packet, nowUs);
    }
  }

  /** Releases everything. */
  @TearDown
  public void close() {
    Objects.requireNonNull(sender).connection.close(nowUs);
    Objects.requireNonNull(receiver).connection.close(nowUs);
    payload.release();
  }
}
