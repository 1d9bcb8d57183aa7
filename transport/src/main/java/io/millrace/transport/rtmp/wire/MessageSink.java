package io.millrace.transport.rtmp.wire;

import io.netty.buffer.ByteBuf;

/** Takes whole messages off a chunk stream. */
@FunctionalInterface
public interface MessageSink {
  /**
   * @param type see {@link MessageType}
   * @param messageStreamId 0 for the connection itself
   * @param timestampMs unsigned 32 bits
   * @param body may be empty; this method takes it and releases it, also when it throws
   */
  void message(int type, int messageStreamId, long timestampMs, ByteBuf body);
}
