package io.millrace.transport.rtmp;

import io.millrace.transport.rtmp.wire.MessageSink;
import io.millrace.transport.rtmp.wire.MessageType;
import io.millrace.transport.rtmp.wire.RtmpProtocolException;
import io.netty.buffer.ByteBuf;

/**
 * Splits an aggregate message, type 22 (Adobe RTMP 1.0 §7.1.6), into the messages in it.
 *
 * <pre>
 *  { type:8 length:24 timestamp:24 timestamp-high:8 stream-id:24 body[length] back-pointer:32 }
 * </pre>
 *
 * <p>Timestamps inside are moved by as much as the aggregate's own is from its first one's.
 */
final class AggregateMessage {
  private static final int HEADER_BYTES = 11;
  private static final int BACK_POINTER_BYTES = 4;

  private AggregateMessage() {}

  /**
   * Gives each message to {@code sink} as a slice. Borrows {@code body}.
   *
   * @throws RtmpProtocolException when a length does not fit, or for an aggregate in an aggregate
   */
  static void split(int messageStreamId, long timestampMs, ByteBuf body, MessageSink sink) {
    boolean first = true;
    long shiftMs = 0;
    while (body.readableBytes() >= HEADER_BYTES) {
      int type = body.readUnsignedByte();
      int length = body.readUnsignedMedium();
      long innerMs = body.readUnsignedMedium() | ((long) body.readUnsignedByte() << 24);
      body.skipBytes(3);
      if (length > body.readableBytes()) {
        throw new RtmpProtocolException(
            "message of %d bytes in %d bytes of an aggregate"
                .formatted(length, body.readableBytes()));
      }
      if (type == MessageType.AGGREGATE) {
        throw new RtmpProtocolException("aggregate message in an aggregate message");
      }
      if (first) {
        shiftMs = timestampMs - innerMs;
        first = false;
      }
      sink.message(
          type,
          messageStreamId,
          (innerMs + shiftMs) & 0xFFFF_FFFFL,
          body.readRetainedSlice(length));
      body.skipBytes(Math.min(BACK_POINTER_BYTES, body.readableBytes()));
    }
  }
}
