package io.millrace.packager.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/**
 * What one text track has to say and has not said to the end: cues go in ahead of their time or at
 * it, and every segment and part takes those that it shows.
 *
 * <p>What is sealed does not change. A cue that comes when a part of its time is sealed is in what
 * follows, one that comes when all of it is, nowhere; whoever sent it is told.
 *
 * <p>Owner's thread only. Bounded, also in what one segment or part gets.
 */
public final class CueBook {
  private static final int MAX_CUES = 1_024;
  private static final int MAX_CHARS = 256 << 10;
  private static final int MAX_SHOWN_CUES = 32;
  private static final int MAX_SHOWN_CHARS = 8 << 10;

  /** What became of a cue. */
  public enum Verdict {
    TAKEN,
    /** Its time is over. */
    LATE,
    /** Too much waits to be said already. */
    FULL
  }

  private static final Comparator<TextCue> BY_START =
      Comparator.comparingLong(TextCue::startTicks).thenComparing(TextCue::endTicks);

  private final ArrayList<TextCue> cues = new ArrayList<>();
  private long sealedTicks;
  private int chars;
  private long numbers;

  /** Another identifier for a cue of this track. */
  public String nextId() {
    return Long.toString(++numbers);
  }

  public Verdict add(TextCue cue) {
    if (cue.endTicks() <= sealedTicks) {
      return Verdict.LATE;
    }
    if (cues.size() >= MAX_CUES || chars + cue.text().length() > MAX_CHARS) {
      return Verdict.FULL;
    }
    int index = cues.size();
    while (index > 0 && BY_START.compare(cues.get(index - 1), cue) > 0) {
      index--;
    }
    cues.add(index, cue);
    chars += cue.text().length();
    return Verdict.TAKEN;
  }

  /** What is open ends: something else is said, or nothing more, from {@code ticks} on. */
  public void close(long ticks) {
    drop(cue -> cue.open() && cue.startTicks() == ticks);
    for (int i = 0; i < cues.size(); i++) {
      TextCue cue = cues.get(i);
      if (cue.open() && cue.startTicks() < ticks && cue.endTicks() > ticks) {
        cues.set(i, cue.endedAt(ticks));
      }
    }
  }

  /** The cues shown in a while, in order; of too many, those that begin first. */
  public List<TextCue> between(long fromTicks, long toTicks) {
    List<TextCue> shown = List.of();
    int shownChars = 0;
    for (TextCue cue : cues) {
      if (cue.startTicks() >= toTicks) {
        break;
      }
      if (!cue.overlaps(fromTicks, toTicks)) {
        continue;
      }
      shownChars += cue.text().length();
      if (shown.size() == MAX_SHOWN_CUES || shownChars > MAX_SHOWN_CHARS) {
        break;
      }
      if (shown.isEmpty()) {
        shown = new ArrayList<>();
      }
      shown.add(cue);
    }
    return shown;
  }

  /** Nothing before {@code ticks} can be changed any more. */
  public void sealed(long ticks) {
    sealedTicks = Math.max(sealedTicks, ticks);
  }

  /** Drops what no segment needs any more that begins at {@code ticks} or later. */
  public void forgetBefore(long ticks) {
    drop(cue -> cue.endTicks() <= ticks);
  }

  private void drop(Predicate<TextCue> which) {
    cues.removeIf(
        cue -> {
          boolean goes = which.test(cue);
          chars -= goes ? cue.text().length() : 0;
          return goes;
        });
  }

  /** Cues that wait. */
  public int size() {
    return cues.size();
  }
}
