package io.millrace.loadtest.srt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * A message that says which one it is and when it was sent.
 *
 * <pre>
 *  0      4             12            20                 1316
 *  │ magic │   number    │ sentNs      │ zeros ...          │
 * </pre>
 */
final class NumberedPayload {
  /** Seven packets of MPEG-TS, as everybody sends them over SRT. */
  static final int BYTES = 1316;

  private static final int MAGIC = 0x4D696C6C;
  private static final int NUMBER_INDEX = 4;
  private static final int SENT_INDEX = 12;
  private static final int HEAD_BYTES = 20;

  private NumberedPayload() {}

  /** Makes one. The caller owns it. */
  static ByteBuf write(ByteBufAllocator allocator, long number, long sentNs) {
    return allocator
        .directBuffer(BYTES, BYTES)
        .writeInt(MAGIC)
        .writeLong(number)
        .writeLong(sentNs)
        .writeZero(BYTES - HEAD_BYTES);
  }

  static boolean isOne(ByteBuf payload) {
    return payload.readableBytes() == BYTES && payload.getInt(payload.readerIndex()) == MAGIC;
  }

  static long number(ByteBuf payload) {
    return payload.getLong(payload.readerIndex() + NUMBER_INDEX);
  }

  /** On the clock of {@link System#nanoTime} of this machine. */
  static long sentNs(ByteBuf payload) {
    return payload.getLong(payload.readerIndex() + SENT_INDEX);
  }
}
