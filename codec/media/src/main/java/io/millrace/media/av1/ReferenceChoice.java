package io.millrace.media.av1;

import io.millrace.media.bits.BitReader;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** set_frame_refs() (AV1 specification §7.8): the references that a short header leaves unsaid. */
final class ReferenceChoice {
  private static final int LAST2 = 1;
  private static final int LAST3 = 2;
  private static final int GOLDEN = 3;
  private static final int BACKWARD = 4;
  private static final int ALTERNATE2 = 5;
  private static final int ALTERNATE = 6;
  private static final int[] REMAINING = {LAST2, LAST3, BACKWARD, ALTERNATE2, ALTERNATE};

  private final int[] shifted = new int[FrameReader.REFERENCES];
  private final boolean[] taken = new boolean[FrameReader.REFERENCES];
  private final int current;

  ReferenceChoice(
      @Nullable Reference[] references, int orderHintBits, int orderHint, BitReader in) {
    current = 1 << (orderHintBits - 1);
    for (int i = 0; i < FrameReader.REFERENCES; i++) {
      Reference reference = references[i];
      if (reference == null) {
        throw in.malformed("refers to a frame that has not come");
      }
      shifted[i] = current + distance(reference.orderHint(), orderHint, orderHintBits);
    }
  }

  /** Fills {@code used}: slots of LAST, LAST2, LAST3, GOLDEN, BWDREF, ALTREF2, ALTREF. */
  void choose(int last, int golden, int[] used) {
    Arrays.fill(used, -1);
    used[0] = last;
    used[GOLDEN] = golden;
    taken[last] = true;
    taken[golden] = true;
    take(used, ALTERNATE, latestBehind());
    take(used, BACKWARD, earliestBehind());
    take(used, ALTERNATE2, earliestBehind());
    for (int each : REMAINING) {
      if (used[each] < 0) {
        take(used, each, latestBefore());
      }
    }
    int earliest = earliest();
    for (int i = 0; i < used.length; i++) {
      if (used[i] < 0) {
        used[i] = earliest;
      }
    }
  }

  private void take(int[] used, int index, int slot) {
    if (slot >= 0) {
      used[index] = slot;
      taken[slot] = true;
    }
  }

  private int latestBehind() {
    int found = -1;
    for (int i = 0; i < shifted.length; i++) {
      if (!taken[i] && shifted[i] >= current && (found < 0 || shifted[i] >= shifted[found])) {
        found = i;
      }
    }
    return found;
  }

  private int earliestBehind() {
    int found = -1;
    for (int i = 0; i < shifted.length; i++) {
      if (!taken[i] && shifted[i] >= current && (found < 0 || shifted[i] < shifted[found])) {
        found = i;
      }
    }
    return found;
  }

  private int latestBefore() {
    int found = -1;
    for (int i = 0; i < shifted.length; i++) {
      if (!taken[i] && shifted[i] < current && (found < 0 || shifted[i] >= shifted[found])) {
        found = i;
      }
    }
    return found;
  }

  private int earliest() {
    int found = 0;
    for (int i = 1; i < shifted.length; i++) {
      if (shifted[i] < shifted[found]) {
        found = i;
      }
    }
    return found;
  }

  /** get_relative_dist(), §7.9.3. */
  static int distance(int a, int b, int orderHintBits) {
    int difference = a - b;
    int sign = 1 << (orderHintBits - 1);
    return (difference & (sign - 1)) - (difference & sign);
  }
}
