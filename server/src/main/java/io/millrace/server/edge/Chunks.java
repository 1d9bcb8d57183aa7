package io.millrace.server.edge;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.List;

/**
 * A list that only grows, for one writer: what was handed out stays as it was, and costs no copy.
 * Whoever hands a view on to other threads publishes it safely.
 */
final class Chunks {
  private byte[][] all = new byte[8][];
  private int count;
  private long sizeBytes;

  void add(byte[] chunk) {
    if (count == all.length) {
      all = Arrays.copyOf(all, 2 * count);
    }
    all[count++] = chunk;
    sizeBytes += chunk.length;
  }

  long sizeBytes() {
    return sizeBytes;
  }

  /** What there is now. */
  List<byte[]> view() {
    return new View(all, count);
  }

  /** In one piece. */
  byte[] joined() {
    if (count == 1) {
      return all[0];
    }
    byte[] joined = new byte[Math.toIntExact(sizeBytes)];
    int at = 0;
    for (int i = 0; i < count; i++) {
      System.arraycopy(all[i], 0, joined, at, all[i].length);
      at += all[i].length;
    }
    return joined;
  }

  private static final class View extends AbstractList<byte[]> {
    private final byte[][] of;
    private final int size;

    View(byte[][] of, int size) {
      this.of = of;
      this.size = size;
    }

    @Override
    public byte[] get(int index) {
      if (index >= size) {
        throw new IndexOutOfBoundsException(index);
      }
      return of[index];
    }

    @Override
    public int size() {
      return size;
    }
  }
}
