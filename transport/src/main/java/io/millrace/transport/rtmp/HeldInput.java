package io.millrace.transport.rtmp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Read buffers kept for later, up to a number of bytes. */
final class HeldInput {
  private final int maxBytes;
  private final ArrayDeque<ByteBuf> buffers = new ArrayDeque<>();
  private int bytes;

  HeldInput(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  int bytes() {
    return bytes;
  }

  /**
   * Takes {@code in}; releases it when it does not fit.
   *
   * @param first whether it comes before the others
   * @return whether it fits
   */
  boolean add(ByteBuf in, boolean first) {
    if (in.readableBytes() > maxBytes - bytes) {
      in.release();
      return false;
    }
    bytes += in.readableBytes();
    if (first) {
      buffers.addFirst(in);
    } else {
      buffers.addLast(in);
    }
    return true;
  }

  /** Returns the oldest buffer, now the caller's, or null. */
  @Nullable ByteBuf poll() {
    ByteBuf oldest = buffers.poll();
    if (oldest != null) {
      bytes -= oldest.readableBytes();
    }
    return oldest;
  }

  void release() {
    for (ByteBuf in = poll(); in != null; in = poll()) {
      in.release();
    }
  }
}
