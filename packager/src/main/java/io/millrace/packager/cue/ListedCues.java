package io.millrace.packager.cue;

import io.millrace.packager.cue.CueSnapshot.Line;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The date ranges of one rendition's playlist: since when each tag has been listed there, and which
 * have gone of late. What a delta update may leave out, and has to tell, follows from that (RFC
 * 8216bis §6.2.5.1). Immutable; the times are of the playlist, for a rendition that stalls lists a
 * tag later than others.
 *
 * @param since when each of the snapshot's lines was listed first, in their order; never decreases
 * @param gone in the order in which they went
 */
public record ListedCues(CueSnapshot cues, List<Instant> since, List<Gone> gone) {
  public static final ListedCues NONE = new ListedCues(CueSnapshot.NONE, List.of(), List.of());

  /** Of more that go in a few moments the oldest are not told; each was a range of the log once. */
  private static final int MAX_GONE = 1024;

  /**
   * A date range that is not listed any more.
   *
   * @param at when the first playlist without it was made
   */
  public record Gone(String id, Instant at) {}

  public ListedCues {
    since = List.copyOf(since);
    gone = List.copyOf(gone);
  }

  /**
   * What the next playlist lists; this object where that is the same.
   *
   * @param forget what went before is not needed any more
   */
  public ListedCues followedBy(CueSnapshot next, Instant now, Instant forget) {
    if (next == cues) {
      return this;
    }
    Map<Line, Instant> known = new HashMap<>();
    Set<String> left = new LinkedHashSet<>();
    for (int i = 0; i < since.size(); i++) {
      known.put(cues.lines().get(i), since.get(i));
      left.add(cues.lines().get(i).id());
    }
    List<Instant> nextSince = new ArrayList<>();
    Set<String> listed = new LinkedHashSet<>();
    for (Line line : next.lines()) {
      nextSince.add(known.getOrDefault(line, now));
      listed.add(line.id());
    }
    List<Gone> nextGone = new ArrayList<>(gone);
    left.forEach(id -> nextGone.add(new Gone(id, now)));
    nextGone.removeIf(each -> listed.contains(each.id) || each.at.isBefore(forget));
    int surplus = Math.max(0, nextGone.size() - MAX_GONE);
    return new ListedCues(next, nextSince, nextGone.subList(surplus, nextGone.size()));
  }

  /** Without events of other times. */
  public ListedCues between(long startTicks, long endTicks) {
    return new ListedCues(cues.between(startTicks, endTicks), since, gone);
  }

  /** Tags at the front that had been listed before {@code time}. */
  public int listedBefore(Instant time) {
    int count = 0;
    while (count < since.size() && since.get(count).isBefore(time)) {
      count++;
    }
    return count;
  }

  /** Ids of the ranges that have gone since {@code time}. */
  public List<String> goneSince(Instant time) {
    return gone.stream().filter(each -> !each.at.isBefore(time)).map(Gone::id).toList();
  }
}
