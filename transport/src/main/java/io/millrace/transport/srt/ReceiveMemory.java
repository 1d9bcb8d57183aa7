package io.millrace.transport.srt;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;

/**
 * The memory that a socket receives into: one buffer, used again for every read as long as nobody
 * kept a part of it. {@link SrtPort} keeps none.
 */
final class ReceiveMemory extends DefaultMaxMessagesRecvByteBufAllocator {
  /** No end of a channel is told to its handle, so its memory is left to the garbage collector. */
  private static final ByteBufAllocator MEMORY =
      new UnpooledByteBufAllocator(
          /* preferDirect= */ true, /* disableLeakDetector= */ true, /* tryNoCleaner= */ false);

  private final int bytes;

  /**
   * @param bytes of the buffer: as many datagrams as one call is to receive
   * @param maxMessages datagrams taken before other sockets of the loop get their turn
   */
  ReceiveMemory(int bytes, int maxMessages) {
    super(maxMessages);
    this.bytes = bytes;
  }

  @Override
  @SuppressWarnings("deprecation") // the type is Netty's
  public Handle newHandle() {
    return new Reusing();
  }

  /** Of one channel, on its loop. */
  private final class Reusing extends MaxMessageHandle {
    private ByteBuf buffer = MEMORY.directBuffer(bytes, bytes);

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      if (buffer.refCnt() != 1) {
        buffer.release();
        buffer = MEMORY.directBuffer(bytes, bytes);
      }
      return buffer.retain().clear();
    }

    @Override
    public int guess() {
      return bytes;
    }
  }
}
