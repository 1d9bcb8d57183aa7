package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.amf.Amf0Writer;
import io.millrace.transport.rtmp.wire.ChunkWriter;
import io.millrace.transport.rtmp.wire.MessageType;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.util.Arrays;

/**
 * What both ends of a connection do alike: write messages, acknowledge what was received (Adobe
 * RTMP 1.0 §5.4.3 to §5.4.5), answer pings (§7.1.7). Writes do not flush. Confined to the channel's
 * event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a void promise reports its failure to the pipeline
final class RtmpLink {
  static final int CONTROL_CHUNK_STREAM = 2;
  static final int COMMAND_CHUNK_STREAM = 3;
  static final int AUDIO_CHUNK_STREAM = 4;
  static final int STATUS_CHUNK_STREAM = 5;
  static final int VIDEO_CHUNK_STREAM = 6;

  static final int STREAM_BEGIN = 0;
  static final int STREAM_EOF = 1;
  private static final int PING_REQUEST = 6;
  private static final int PING_RESPONSE = 7;

  /** A peer that wants to hear of every few bytes hears of this many. */
  private static final long MIN_ACKNOWLEDGED_BYTES = 16 << 10;

  private final ChannelHandlerContext ctx;
  private final ChunkWriter writer;

  /**
   * What the peer has announced; 0 before, and then nothing is acknowledged. FFmpeg, which
   * announces none, reads seldom: an acknowledgement that it has not read when it closes makes its
   * kernel reset the connection and forget what was still to be sent.
   */
  private long windowBytes;

  private long receivedBytes;
  private long acknowledgedBytes;
  private long announcedWindowBytes;
  private long sentBytes;

  RtmpLink(ChannelHandlerContext ctx) {
    this.ctx = ctx;
    this.writer = new ChunkWriter(ctx.alloc());
  }

  /** Bytes of the peer's chunk stream. */
  long receivedBytes() {
    return receivedBytes;
  }

  long sentBytes() {
    return sentBytes;
  }

  /** Writes bytes that are no message: the handshake. Takes {@code bytes}. */
  void raw(ByteBuf bytes) {
    sentBytes += bytes.readableBytes();
    ctx.write(bytes, ctx.voidPromise());
  }

  /** Writes one message. Takes {@code body}. */
  void message(int chunkStreamId, int type, int messageStreamId, long timestampMs, ByteBuf body) {
    writer.write(chunkStreamId, type, messageStreamId, timestampMs, body, this::raw);
  }

  /** Writes a command or data message of AMF 0 values, given as plain Java. */
  void values(int chunkStreamId, int type, int messageStreamId, Object... values) {
    ByteBuf body = ctx.alloc().buffer(256);
    Amf0Writer.writeAll(body, Arrays.asList(values));
    message(chunkStreamId, type, messageStreamId, 0, body);
  }

  /** Announces and then uses a chunk size. */
  void setChunkSize(int bytes) {
    control(MessageType.SET_CHUNK_SIZE, ctx.alloc().buffer(4).writeInt(bytes));
    writer.chunkBytes(bytes);
  }

  /** Announces the window by which the peer is to acknowledge what we send. */
  void windowAcknowledgementSize(long bytes) {
    announcedWindowBytes = bytes;
    control(MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE, ctx.alloc().buffer(4).writeInt((int) bytes));
  }

  void setPeerBandwidth(int bytes) {
    int dynamic = 2;
    control(
        MessageType.SET_PEER_BANDWIDTH, ctx.alloc().buffer(5).writeInt(bytes).writeByte(dynamic));
  }

  void userControl(int event, int value) {
    control(MessageType.USER_CONTROL, ctx.alloc().buffer(6).writeShort(event).writeInt(value));
  }

  private void control(int type, ByteBuf body) {
    message(CONTROL_CHUNK_STREAM, type, 0, 0, body);
  }

  /** Counts bytes of the peer's chunk stream. */
  void received(int bytes) {
    receivedBytes += bytes;
  }

  /** Acknowledges if a window's worth has come; called once a read. */
  void acknowledge() {
    if (windowBytes > 0 && receivedBytes - acknowledgedBytes >= windowBytes) {
      acknowledgedBytes = receivedBytes;
      control(MessageType.ACKNOWLEDGEMENT, ctx.alloc().buffer(4).writeInt((int) receivedBytes));
    }
  }

  /** Acts on a control message of the peer's. Borrows {@code body}. */
  void onControl(int type, ByteBuf body) {
    switch (type) {
      case MessageType.WINDOW_ACKNOWLEDGEMENT_SIZE ->
          windowBytes = Math.max(u32(body, "Window Acknowledgement Size"), MIN_ACKNOWLEDGED_BYTES);
      case MessageType.SET_PEER_BANDWIDTH -> {
        long bytes = u32(body, "Set Peer Bandwidth");
        if (bytes != announcedWindowBytes && bytes > 0) {
          windowAcknowledgementSize(bytes);
        }
      }
      case MessageType.USER_CONTROL -> onUserControl(body);
      default -> {} // acknowledgements: TCP is our flow control
    }
  }

  private void onUserControl(ByteBuf body) {
    if (body.readableBytes() >= 6 && body.readUnsignedShort() == PING_REQUEST) {
      userControl(PING_RESPONSE, body.readInt());
    }
  }

  private static long u32(ByteBuf body, String name) {
    if (body.readableBytes() < 4) {
      throw new RtmpProtocolException(
          "%s message of %d bytes".formatted(name, body.readableBytes()));
    }
    return body.readUnsignedInt();
  }
}
