package io.millrace.transport.http;

import java.util.List;
import java.util.Objects;

/**
 * The content of a reply. Arrays are shared between every reply that carries them and are never
 * copied nor written to.
 */
public sealed interface ReplyBody {
  ReplyBody EMPTY = new Empty();

  /** A length that is not known before the end. */
  long UNKNOWN = -1;

  /** Content length, or {@link #UNKNOWN}. */
  long sizeBytes();

  /** No content. */
  record Empty() implements ReplyBody {
    @Override
    public long sizeBytes() {
      return 0;
    }
  }

  /**
   * A window over arrays laid end to end: a whole segment made of parts, or a byte range of it.
   *
   * @param offset of the first byte, counted over all arrays
   * @param sizeBytes from there on
   */
  record Bytes(List<byte[]> arrays, long offset, long sizeBytes) implements ReplyBody {
    public Bytes {
      arrays = List.copyOf(arrays);
      Objects.checkFromIndexSize(offset, sizeBytes, total(arrays));
    }

    /** The bytes {@code [from, from + size)} of this window, over the same arrays. */
    public Bytes slice(long from, long size) {
      Objects.checkFromIndexSize(from, size, sizeBytes);
      return new Bytes(arrays, offset + from, size);
    }

    private static long total(List<byte[]> arrays) {
      long total = 0;
      for (byte[] array : arrays) {
        total += array.length;
      }
      return total;
    }
  }

  /**
   * Content that is sent while it is made: chunk by chunk, none held back, and broken off visibly
   * if it is never completed.
   *
   * @param sizeBytes of all of it where that is known before the end, else {@link #UNKNOWN}.
   *     Whoever makes it completes it with exactly so many, or abandons it: they are announced as
   *     {@code Content-Length} (RFC 9110 §8.6)
   */
  record Growing(GrowingContent content, long sizeBytes) implements ReplyBody {
    public Growing {
      if (sizeBytes < UNKNOWN) {
        throw new IllegalArgumentException("a length of " + sizeBytes);
      }
    }

    /** Of a length that is not known. */
    public Growing(GrowingContent content) {
      this(content, UNKNOWN);
    }
  }

  /** Content without an end in sight, sent as the peer takes it; for one reply. */
  record Live(LiveContent content) implements ReplyBody {
    @Override
    public long sizeBytes() {
      return UNKNOWN;
    }
  }

  static ReplyBody of(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Bytes(List.of(bytes), 0, bytes.length);
  }

  /** The arrays end to end. */
  static ReplyBody of(List<byte[]> arrays) {
    long total = Bytes.total(arrays);
    return total == 0 ? EMPTY : new Bytes(arrays, 0, total);
  }
}
