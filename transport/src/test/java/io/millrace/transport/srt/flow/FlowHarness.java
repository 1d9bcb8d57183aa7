package io.millrace.transport.srt.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.srt.wire.AckPacket;
import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.PayloadCipher;
import io.millrace.transport.srt.wire.SequenceNumber;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One connection whose peer is the test: packets in by hand, everything out kept. */
final class FlowHarness implements FlowOutput, AutoCloseable {
  static final int OWN_FIRST = 5_000;
  static final int PEER_FIRST = SequenceNumber.MAX - 2;
  static final int WINDOW = 1_024;
  static final long LATENCY_US = 100_000;
  private static final int PEER_ID = 77;

  final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  final List<ByteBuf> packets = new ArrayList<>();
  final List<Integer> delivered = new ArrayList<>();
  final List<FlowEnd> ends = new ArrayList<>();
  final List<Integer> extensions = new ArrayList<>();
  final SrtConnection connection;
  Runnable onPayload = () -> {};
  long nowUs;

  FlowHarness() {
    this(null);
  }

  FlowHarness(@Nullable PayloadCipher cipher) {
    connection = new SrtConnection(settings(1 << 20), cipher, allocator, this, 0);
  }

  FlowHarness(int maxHeldBytes) {
    connection = new SrtConnection(settings(maxHeldBytes), null, allocator, this, 0);
  }

  static FlowSettings settings(int maxHeldBytes) {
    return new FlowSettings(
        PEER_ID,
        0,
        1_500,
        0,
        new FlowSettings.Receiving(
            PEER_FIRST, 0, LATENCY_US, WINDOW, maxHeldBytes, true, true, true, 0),
        new FlowSettings.Sending(OWN_FIRST, LATENCY_US, WINDOW, maxHeldBytes, true, true, 25, 0));
  }

  /** The peer's data packet number {@code index}, 0 for its first; the payload is the index. */
  ByteBuf data(int index) {
    ByteBuf packet = allocator.directBuffer();
    int sequence = SequenceNumber.add(PEER_FIRST, index);
    SrtPacket.writeData(packet, sequence, index + 1, (int) nowUs, 1);
    return packet.writeInt(index);
  }

  void receiveData(int... indices) {
    for (int index : indices) {
      receive(data(index));
    }
  }

  void receive(ByteBuf packet) {
    connection.onPacket(packet, nowUs);
  }

  void receiveControl(int type, int info, int... body) {
    ByteBuf packet = allocator.directBuffer();
    SrtPacket.writeControl(packet, type, 0, info, (int) nowUs, 1);
    for (int word : body) {
      packet.writeInt(word);
    }
    receive(packet);
  }

  void receiveAck(int number, int acknowledged) {
    ByteBuf packet = allocator.directBuffer();
    AckPacket.writeFull(packet, number, acknowledged, 10_000, 100, 500, 0, 0, 0, (int) nowUs, 1);
    receive(packet);
  }

  boolean send(int bytes) {
    return connection.send(allocator.directBuffer(bytes).writeZero(bytes), nowUs);
  }

  /** Runs the timers up to then. */
  void runTo(long untilUs) {
    while (connection.dueUs() <= untilUs) {
      nowUs = Math.max(nowUs, connection.dueUs());
      connection.onTimer(nowUs);
    }
    nowUs = untilUs;
  }

  SrtStatistics statistics() {
    return connection.statistics(nowUs);
  }

  /** Sent control packets of a type, as their info field and body words. */
  List<List<Integer>> control(int type) {
    List<List<Integer>> found = new ArrayList<>();
    for (ByteBuf packet : packets) {
      if (SrtPacket.isControl(packet) && SrtPacket.type(packet) == type) {
        List<Integer> words = new ArrayList<>(List.of(SrtPacket.info(packet)));
        for (int i = SrtPacket.HEADER_BYTES; i + 4 <= packet.readableBytes(); i += 4) {
          words.add(packet.getInt(packet.readerIndex() + i));
        }
        found.add(words);
      }
    }
    return found;
  }

  /** Sequence numbers of the sent data packets. */
  List<Integer> sentData() {
    List<Integer> found = new ArrayList<>();
    packets.stream()
        .filter(p -> !SrtPacket.isControl(p))
        .map(SrtPacket::sequence)
        .forEach(found::add);
    return found;
  }

  List<List<Integer>> naks() {
    return control(ControlType.NAK);
  }

  void forget() {
    packets.forEach(ByteBuf::release);
    packets.clear();
  }

  @Override
  public void packet(ByteBuf packet) {
    packets.add(packet);
  }

  @Override
  public void payload(ByteBuf payload, long sourceTimeUs) {
    delivered.add(payload.readableBytes() < Integer.BYTES ? -1 : payload.readInt());
    payload.release();
    onPayload.run();
  }

  @Override
  public void extension(ByteBuf packet, long nowUs) {
    extensions.add(SrtPacket.subtype(packet));
  }

  @Override
  public void ended(FlowEnd reason) {
    ends.add(reason);
  }

  /** Whatever the test did, nothing may be left and the end said once. */
  @Override
  public void close() {
    connection.close(nowUs);
    forget();
    assertThat(ends).hasSize(1);
    assertThat(allocator.metric().usedDirectMemory()).as("bytes not released").isZero();
  }
}
