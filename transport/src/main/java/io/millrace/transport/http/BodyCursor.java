package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Walks a body from start to end in slices that share its arrays. Confined to one event loop. */
final class BodyCursor {
  private final @Nullable GrowingContent growing;
  private final @Nullable LiveContent live;
  private List<byte[]> arrays;
  private GrowingContent.State state = GrowingContent.State.COMPLETE;
  private long remainingBytes;
  private int array;
  private int offset;

  BodyCursor(ReplyBody body) {
    switch (body) {
      case ReplyBody.Empty empty -> {
        arrays = List.of();
        growing = null;
        live = null;
      }
      case ReplyBody.Bytes bytes -> {
        arrays = bytes.arrays();
        growing = null;
        live = null;
        remainingBytes = bytes.sizeBytes();
        skip(bytes.offset());
      }
      case ReplyBody.Growing content -> {
        arrays = List.of();
        growing = content.content();
        live = null;
        refresh();
      }
      case ReplyBody.Live content -> {
        arrays = List.of();
        growing = null;
        live = content.content();
      }
    }
  }

  /** Takes in what has come since. */
  void refresh() {
    if (growing != null) {
      GrowingContent.Growth growth = growing.growth();
      for (int i = arrays.size(); i < growth.chunks().size(); i++) {
        remainingBytes += growth.chunks().get(i).length;
      }
      arrays = growth.chunks();
      state = growth.state();
    }
  }

  /** True while bytes are there. */
  boolean hasNext() {
    if (remainingBytes == 0 && live != null) {
      byte[] piece = live.next();
      arrays = piece == null ? List.of() : List.of(piece);
      array = 0;
      offset = 0;
      remainingBytes = piece == null ? 0 : piece.length;
    }
    return remainingBytes > 0;
  }

  /** True when every byte was given that there will be. */
  boolean ended() {
    return remainingBytes == 0
        && state == GrowingContent.State.COMPLETE
        && (live == null || live.ended());
  }

  /** True when every byte was given that there is, and the rest will never be. */
  boolean broken() {
    return remainingBytes == 0 && state == GrowingContent.State.ABANDONED;
  }

  /**
   * Size of the array that {@link #next} starts; 0 while it goes on in one that was started before.
   */
  int starts() {
    skipEmpty();
    return offset == 0 ? arrays.get(array).length : 0;
  }

  /** The next 1 … {@code maxBytes} bytes, wrapped, not copied. The caller owns the buffer. */
  ByteBuf next(int maxBytes) {
    skipEmpty();
    byte[] current = arrays.get(array);
    int size = (int) Math.min(Math.min(maxBytes, current.length - offset), remainingBytes);
    ByteBuf slice = Unpooled.wrappedBuffer(current, offset, size);
    offset += size;
    remainingBytes -= size;
    return slice;
  }

  private void skipEmpty() {
    while (offset == arrays.get(array).length) {
      array++;
      offset = 0;
    }
  }

  private void skip(long bytes) {
    long left = bytes;
    while (array < arrays.size() && left >= arrays.get(array).length) {
      left -= arrays.get(array++).length;
    }
    offset = (int) left;
  }
}
