package io.millrace.media.mpegts;

import io.netty.buffer.UnpooledByteBufAllocator;

/**
 * Allocators of plain heap buffers that count what is out. Leak detection with a stack trace for
 * every access, as the build has it on elsewhere, costs minutes for streams of this size.
 */
final class Heap {
  private Heap() {}

  static UnpooledByteBufAllocator allocator() {
    return new UnpooledByteBufAllocator(false);
  }
}
