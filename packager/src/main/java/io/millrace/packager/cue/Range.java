package io.millrace.packager.cue;

import org.jspecify.annotations.Nullable;

/**
 * A splice from its out to its in point, or another message; as it is known so far.
 *
 * <p>Mutable, confined to the thread of its {@link CueLog}.
 */
final class Range {
  static final long UNKNOWN = -1;

  /**
   * Which splice it is.
   *
   * @param type segmentation_type_id of its start; -1 for a splice_insert()
   */
  record Key(int type, long eventId) {
    static final int INSERT = -1;
    static final int COMMAND = -2;

    @Override
    public String toString() {
      return switch (type) {
        case INSERT -> "splice-" + eventId;
        case COMMAND -> "scte35-" + eventId;
        default -> "segmentation-%02x-%d".formatted(type, eventId);
      };
    }
  }

  /**
   * A message that belongs to it.
   *
   * @param number of the event in the manifest
   * @param sequence of the segment that its tag stands before
   */
  @SuppressWarnings("ArrayRecordComponent") // shared, never compared
  record Said(long number, long sequence, byte[] message) {}

  final Key key;
  final long startTicks;

  /** How long it is meant to last, in video ticks. */
  final long plannedTicks;

  /** An out point, or a message that is none; null for an in point without its out. */
  final @Nullable Said out;

  @Nullable Said in;
  long endTicks = UNKNOWN;

  Range(Key key, long startTicks, long plannedTicks, @Nullable Said out) {
    this.key = key;
    this.startTicks = startTicks;
    this.plannedTicks = plannedTicks;
    this.out = out;
  }

  boolean isSplice() {
    return key.type() != Key.COMMAND;
  }

  /** True while it goes on and nobody knows until when. */
  boolean isOpen() {
    return isSplice() && endTicks == UNKNOWN && plannedTicks == UNKNOWN;
  }

  /** Where it ends as far as is known; where it starts when it is not. */
  long lastTicks() {
    return endTicks != UNKNOWN ? endTicks : startTicks + Math.max(0, plannedTicks);
  }
}
