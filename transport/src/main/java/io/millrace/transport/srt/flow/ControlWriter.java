package io.millrace.transport.srt.flow;

import io.millrace.transport.srt.wire.AckPacket;
import io.millrace.transport.srt.wire.ControlType;
import io.millrace.transport.srt.wire.DropRequest;
import io.millrace.transport.srt.wire.LossReport;
import io.millrace.transport.srt.wire.SrtPacket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** Makes control packets, stamped and addressed, in buffers of their own. */
final class ControlWriter {
  private static final int SMALL_BYTES = 64;

  private final ByteBufAllocator allocator;
  private final FlowOutput output;
  private final FlowSettings settings;
  private long lastSentUs;
  private boolean closed;

  ControlWriter(ByteBufAllocator allocator, FlowOutput output, FlowSettings settings, long nowUs) {
    this.allocator = allocator;
    this.output = output;
    this.settings = settings;
    this.lastSentUs = nowUs;
  }

  /** When anything was sent last, data included. */
  long lastSentUs() {
    return lastSentUs;
  }

  /** Sends nothing from here on, whoever is still at it. */
  void close() {
    closed = true;
  }

  int timestamp(long nowUs) {
    return (int) (nowUs - settings.startUs());
  }

  /** Sends a packet. Takes it. */
  void send(ByteBuf packet, long nowUs) {
    if (closed) {
      packet.release();
      return;
    }
    lastSentUs = nowUs;
    output.packet(packet);
  }

  void empty(int type, long nowUs) {
    ByteBuf out = small();
    SrtPacket.writeEmptyControl(out, type, timestamp(nowUs), settings.peerSocketId());
    send(out, nowUs);
  }

  void keepAlive(long nowUs) {
    empty(ControlType.KEEP_ALIVE, nowUs);
  }

  void lightAck(int acknowledged, long nowUs) {
    ByteBuf out = small();
    AckPacket.writeLight(out, acknowledged, timestamp(nowUs), settings.peerSocketId());
    send(out, nowUs);
  }

  void fullAck(
      int number,
      int acknowledged,
      RoundTrip roundTrip,
      int freePackets,
      int packetsPerSecond,
      int linkPacketsPerSecond,
      long bytesPerSecond,
      long nowUs) {
    ByteBuf out = small();
    AckPacket.writeFull(
        out,
        number,
        acknowledged,
        (int) roundTrip.smoothedUs(),
        (int) roundTrip.varianceUs(),
        freePackets,
        packetsPerSecond,
        linkPacketsPerSecond,
        (int) Math.min(bytesPerSecond, Integer.MAX_VALUE),
        timestamp(nowUs),
        settings.peerSocketId());
    send(out, nowUs);
  }

  void ackAck(int number, long nowUs) {
    ByteBuf out = small();
    AckPacket.writeAckAck(out, number, timestamp(nowUs), settings.peerSocketId());
    send(out, nowUs);
  }

  void dropRequest(int first, int last, long nowUs) {
    ByteBuf out = small();
    DropRequest.write(out, 0, first, last, timestamp(nowUs), settings.peerSocketId());
    send(out, nowUs);
  }

  /** An empty loss report with room for as many ranges as fit in a packet. The caller owns it. */
  ByteBuf startNak(long nowUs) {
    ByteBuf out = allocator.directBuffer(SMALL_BYTES, settings.maxPacketBytes());
    LossReport.writeHeader(out, timestamp(nowUs), settings.peerSocketId());
    return out;
  }

  /** A buffer for a data packet. The caller owns it. */
  ByteBuf data(int payloadBytes, int sequence, int messageNumber, long nowUs) {
    ByteBuf out = allocator.directBuffer(SrtPacket.HEADER_BYTES + payloadBytes);
    SrtPacket.writeData(out, sequence, messageNumber, timestamp(nowUs), settings.peerSocketId());
    return out;
  }

  private ByteBuf small() {
    return allocator.directBuffer(SMALL_BYTES);
  }
}
