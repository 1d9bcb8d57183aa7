package io.millrace.codec.ladder;

import org.jspecify.annotations.Nullable;

/**
 * Learns how many pictures lie between two boundaries, for encoders whose rate control spreads bits
 * over the time to the next key frame: SVT-AV1's variable rate is 20 to 45 % too high when it
 * expects that frame two to fifty times later than it is forced.
 *
 * <p>Confined to the rung's thread.
 */
final class KeyInterval {
  /** Nothing is known at first: twice a usual segment of 2 s. */
  private static final int FIRST_GUESS_SECONDS = 4;

  private static final int MEASURED = 4;

  /** Segments for which a change is kept: opening an encoder costs as much as several pictures. */
  private static final int KEPT = 8;

  private final int[] recent = new int[MEASURED];
  private int measured;
  private int sinceBoundary;
  private int boundariesToKeep;
  private int assumed;

  KeyInterval(double framesPerSecond) {
    this.assumed = (int) Math.ceil(FIRST_GUESS_SECONDS * framesPerSecond);
  }

  /** Pictures that the encoder is to expect between key frames; an upper bound with some room. */
  int assumedFrames() {
    return assumed;
  }

  /** A picture that starts no segment. */
  void picture() {
    sinceBoundary++;
  }

  /**
   * A picture that starts a segment.
   *
   * @return what the encoder is to expect from here on, or null where it may go on as it is
   */
  @Nullable Integer boundary() {
    if (sinceBoundary > 0) {
      recent[measured++ % MEASURED] = sinceBoundary;
    }
    sinceBoundary = 1;
    boundariesToKeep--;
    if (measured < 2 || boundariesToKeep > 0) {
      return null;
    }
    int longest = 0;
    for (int i = 0; i < Math.min(measured, MEASURED); i++) {
      longest = Math.max(longest, recent[i]);
    }
    if (longest <= assumed && assumed <= longest + longest / 4 + 1) {
      return null;
    }
    assumed = longest + longest / 16 + 1;
    boundariesToKeep = KEPT;
    return assumed;
  }
}
