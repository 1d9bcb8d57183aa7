package io.millrace.media.hevc;

import io.millrace.media.bits.BitReader;
import java.util.ArrayList;
import java.util.List;

/**
 * st_ref_pic_set() (ITU-T H.265 §7.3.7, §7.4.8): short-term references, those before the picture
 * and those behind it, each nearest first.
 */
record ReferenceSet(List<Entry> before, List<Entry> after) {
  private static final int MAXIMUM = 16;

  /**
   * @param delta to the picture's order count
   * @param used by the picture itself
   */
  record Entry(int delta, boolean used) {}

  int usedCount() {
    return (int)
        (before.stream().filter(Entry::used).count() + after.stream().filter(Entry::used).count());
  }

  private int size() {
    return before.size() + after.size();
  }

  /** The next set of a sequence parameter set, behind {@code known}. */
  static ReferenceSet readOfSequence(BitReader in, int index, List<ReferenceSet> known) {
    return read(in, index, known, false);
  }

  /** A slice header's own set. */
  static ReferenceSet readOfSlice(BitReader in, List<ReferenceSet> known) {
    return read(in, known.size(), known, true);
  }

  private static ReferenceSet read(
      BitReader in, int index, List<ReferenceSet> known, boolean inSlice) {
    boolean predicted = index > 0 && in.flag(); // inter_ref_pic_set_prediction_flag
    ReferenceSet set = predicted ? predicted(in, index, known, inSlice) : explicit(in);
    if (set.size() > MAXIMUM) {
      throw in.malformed(set.size() + " short-term reference pictures");
    }
    return set;
  }

  private static ReferenceSet explicit(BitReader in) {
    int negative = in.ue("num_negative_pics", MAXIMUM);
    int positive = in.ue("num_positive_pics", MAXIMUM);
    return new ReferenceSet(entries(in, negative, -1), entries(in, positive, 1));
  }

  private static List<Entry> entries(BitReader in, int count, int sign) {
    List<Entry> entries = new ArrayList<>();
    int delta = 0;
    for (int i = 0; i < count; i++) {
      delta += sign * (1 + in.ue("delta_poc_minus1", 0x7FFF));
      entries.add(new Entry(delta, in.flag()));
    }
    return entries;
  }

  /** Equations 7-61 and 7-62. */
  private static ReferenceSet predicted(
      BitReader in, int index, List<ReferenceSet> known, boolean inSlice) {
    int back = inSlice ? 1 + in.ue("delta_idx_minus1", index - 1) : 1;
    ReferenceSet source = known.get(index - back);
    boolean negative = in.flag();
    int shift = 1 + in.ue("abs_delta_rps_minus1", 0x7FFF);
    if (negative) {
      shift = -shift;
    }
    int size = source.size();
    boolean[] used = new boolean[size + 1];
    boolean[] kept = new boolean[size + 1];
    for (int j = 0; j <= size; j++) {
      used[j] = in.flag();
      kept[j] = used[j] || in.flag(); // use_delta_flag
    }
    List<Entry> before = new ArrayList<>();
    List<Entry> after = new ArrayList<>();
    int first = source.before.size();
    for (int j = source.after.size() - 1; j >= 0; j--) {
      add(before, source.after.get(j).delta + shift, -1, used[first + j], kept[first + j]);
    }
    add(before, shift, -1, used[size], kept[size]);
    for (int j = 0; j < first; j++) {
      add(before, source.before.get(j).delta + shift, -1, used[j], kept[j]);
    }
    for (int j = first - 1; j >= 0; j--) {
      add(after, source.before.get(j).delta + shift, 1, used[j], kept[j]);
    }
    add(after, shift, 1, used[size], kept[size]);
    for (int j = 0; j < source.after.size(); j++) {
      add(after, source.after.get(j).delta + shift, 1, used[first + j], kept[first + j]);
    }
    return new ReferenceSet(before, after);
  }

  private static void add(List<Entry> to, int delta, int sign, boolean used, boolean kept) {
    if (kept && Integer.signum(delta) == sign) {
      to.add(new Entry(delta, used));
    }
  }
}
