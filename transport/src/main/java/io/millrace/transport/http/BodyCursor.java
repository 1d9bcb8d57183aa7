package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/** Walks a body from start to end in slices that share its arrays. Confined to one event loop. */
final class BodyCursor {
  private final List<byte[]> arrays;
  private long remainingBytes;
  private int array;
  private int offset;

  BodyCursor(ReplyBody body) {
    switch (body) {
      case ReplyBody.Empty empty -> arrays = List.of();
      case ReplyBody.Bytes bytes -> {
        arrays = bytes.arrays();
        remainingBytes = bytes.sizeBytes();
        skip(bytes.offset());
      }
    }
  }

  boolean hasNext() {
    return remainingBytes > 0;
  }

  /** The next 1 … {@code maxBytes} bytes, wrapped, not copied. The caller owns the buffer. */
  ByteBuf next(int maxBytes) {
    while (offset == arrays.get(array).length) {
      array++;
      offset = 0;
    }
    byte[] current = arrays.get(array);
    int size = (int) Math.min(Math.min(maxBytes, current.length - offset), remainingBytes);
    ByteBuf slice = Unpooled.wrappedBuffer(current, offset, size);
    offset += size;
    remainingBytes -= size;
    return slice;
  }

  private void skip(long bytes) {
    long left = bytes;
    while (array < arrays.size() && left >= arrays.get(array).length) {
      left -= arrays.get(array++).length;
    }
    offset = (int) left;
  }
}
