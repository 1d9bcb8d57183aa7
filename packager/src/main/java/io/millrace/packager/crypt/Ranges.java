package io.millrace.packager.crypt;

import io.millrace.media.MediaFormatException;
import io.millrace.packager.bmff.SampleAuxiliary;
import java.util.Arrays;

/**
 * Builds the subsample map of one sample after another (ISO/IEC 23001-7 §9.5): pairs of clear and
 * protected bytes. Neighbouring clear bytes are one run; one that is longer than its field takes
 * further pairs. Not thread-safe.
 */
final class Ranges {
  static final int BLOCK_BYTES = 16;
  private static final int MAXIMUM_CLEAR = 0xFFFF;

  /** Which part of a run that is no multiple of 16 bytes stays clear. */
  enum Alignment {
    /** The first bytes, so that the run ends where the data ends (ISO/IEC 23000-19 §8.2.2.2). */
    HEAD_CLEAR,
    /** The last bytes, so that the run begins where the data begins (AV1-ISOBMFF §4.3). */
    TAIL_CLEAR,
    /** None is left out: the cipher leaves a last partial block as it is (§8.2.2.2, cbcs). */
    UNALIGNED
  }

  private final Alignment alignment;
  private final int maximumPairs;
  private int[] pairs = new int[16];
  private int count;
  private int clear;

  /**
   * @param ivBytes of a sample
   */
  Ranges(Alignment alignment, int ivBytes) {
    this.alignment = alignment;
    this.maximumPairs = (SampleAuxiliary.MAXIMUM_BYTES - ivBytes - 2) / 6;
  }

  void clear(int bytes) {
    clear += bytes;
  }

  void protect(int bytes) {
    if (bytes < BLOCK_BYTES) {
      clear += bytes; // no whole block
      return;
    }
    int rest = bytes % BLOCK_BYTES;
    switch (alignment) {
      case HEAD_CLEAR -> {
        clear += rest;
        push(bytes - rest);
      }
      case TAIL_CLEAR -> {
        push(bytes - rest);
        clear += rest;
      }
      case UNALIGNED -> push(bytes);
    }
  }

  private void push(int protectedBytes) {
    for (; clear > MAXIMUM_CLEAR; clear -= MAXIMUM_CLEAR) {
      pair(MAXIMUM_CLEAR, 0);
    }
    pair(clear, protectedBytes);
    clear = 0;
  }

  private void pair(int clearBytes, int protectedBytes) {
    if (count / 2 == maximumPairs) {
      throw MediaFormatException.unsupported(
          "encryption of a sample with more than " + maximumPairs + " slices or tiles");
    }
    if (count == pairs.length) {
      pairs = Arrays.copyOf(pairs, 2 * count);
    }
    pairs[count++] = clearBytes;
    pairs[count++] = protectedBytes;
  }

  /** The map; begins the next. */
  int[] take() {
    if (clear > 0) {
      push(0);
    }
    int[] map = Arrays.copyOf(pairs, count);
    reset();
    return map;
  }

  /** Forgets what was begun. */
  void reset() {
    count = 0;
    clear = 0;
  }
}
