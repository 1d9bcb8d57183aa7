package io.millrace.transport.rtmp.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What a receiver remembers of one chunk stream: the last header, and the unfinished message. */
final class ChunkStream {
  final int id;

  /** Timestamp of the current message, unsigned 32 bits. */
  long timestampMs;

  /** What a type 3 header that begins a message adds (§5.3.1.2.4). */
  long timestampDeltaMs;

  /** The timestamp field of the last type 0, 1 or 2 header, after extension. */
  long timestampFieldMs;

  /** Whether that field was extended, so that type 3 chunks may carry it again (§5.3.1.3). */
  boolean extended;

  int messageLength;
  int messageType;
  int messageStreamId;
  boolean seen;

  /** Inside a message: its first chunk's header was read, its last byte was not. */
  boolean inMessage;

  int receivedBytes;
  @Nullable ByteBuf body;

  ChunkStream(int id) {
    this.id = id;
  }

  int heldBytes() {
    return body == null ? 0 : body.capacity();
  }

  void dropMessage() {
    if (body != null) {
      body.release();
      body = null;
    }
    inMessage = false;
    receivedBytes = 0;
  }
}
