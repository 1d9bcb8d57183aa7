package io.millrace.loadtest.overload;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * What happened in a run, put together. Immutable.
 *
 * @param feeds in the order of their coming
 * @param leftMs when the load had left
 * @param endMs when the last look was
 */
record Account(
    List<Feed.Course> feeds, List<Step> steps, List<Sample> samples, long leftMs, long endMs) {
  /** A stream is offered to the governor at its next look after its encoders are there. */
  private static final long KNOWN_AFTER_MS = 1_500;

  Account {
    feeds = List.copyOf(feeds);
    steps = List.copyOf(steps);
    samples = List.copyOf(samples);
  }

  /**
   * What one more stream led to.
   *
   * @param encodersMs when the server first said that it encodes; 0 where it never did
   * @param steps that were given up until the next stream came, or the load left
   */
  record Addition(Feed.Course feed, long encodersMs, List<Step> steps) {
    long afterEncodersMs(Step step) {
      return step.atMs() - encodersMs;
    }
  }

  List<Addition> additions() {
    List<Addition> additions = new ArrayList<>();
    for (int i = 0; i < feeds.size(); i++) {
      Feed.Course feed = feeds.get(i);
      long untilMs = i + 1 < feeds.size() ? feeds.get(i + 1).askedMs() : leftMs;
      List<Step> led =
          steps.stream()
              .filter(Step::given)
              .filter(step -> step.atMs() >= feed.askedMs() && step.atMs() < untilMs)
              .toList();
      additions.add(new Addition(feed, encodersMs(feed.name()), led));
    }
    return additions;
  }

  private long encodersMs(String stream) {
    return samples.stream()
        .filter(sample -> sample.encodes(stream))
        .mapToLong(Sample::atMs)
        .findFirst()
        .orElse(0);
  }

  /** Steps that were not the next ones in the ladder's order; a line for each. */
  List<String> outOfOrder() {
    Map<String, Set<String>> gone = new TreeMap<>();
    List<String> wrong = new ArrayList<>();
    for (Step step : steps) {
      Set<String> own = gone.computeIfAbsent(step.stream(), _ -> new HashSet<>());
      if (!step.given()) {
        own.remove(step.what());
        continue;
      }
      int place = place(step.what());
      boolean newer = false; // those that came later go first at the same place
      for (Feed.Course feed : feeds) {
        int upTo = newer && place < Ladder.SHED.size() ? place + 1 : place;
        if (isThere(feed, step.atMs())) {
          Set<String> others = gone.getOrDefault(feed.name(), Set.of());
          for (String before : Ladder.SHED.subList(0, Math.min(upTo, Ladder.SHED.size()))) {
            if (!others.contains(before)) {
              wrong.add(
                  step.stream() + " " + step.what() + " before " + feed.name() + " " + before);
            }
          }
        }
        newer |= feed.name().equals(step.stream());
      }
      own.add(step.what());
    }
    return wrong;
  }

  private static int place(String what) {
    int place = Ladder.SHED.indexOf(what);
    return place < 0 ? Ladder.SHED.size() : place;
  }

  private boolean isThere(Feed.Course feed, long atMs) {
    long encodersMs = encodersMs(feed.name());
    return encodersMs > 0
        && encodersMs + KNOWN_AFTER_MS <= atMs
        && (feed.stoppedMs() == 0 || feed.stoppedMs() > atMs);
  }

  /**
   * From the load's leaving until every rung of the streams that stay was encoded again; empty
   * where that never was. Streams whose publishers have left are still there for a while.
   */
  OptionalLong recoveryMs() {
    List<String> stay =
        feeds.stream()
            .filter(Feed.Course::isTaken)
            .filter(feed -> feed.stoppedMs() == 0 || feed.stoppedMs() > leftMs)
            .map(Feed.Course::name)
            .toList();
    return samples.stream()
        .filter(sample -> sample.atMs() >= leftMs && sample.stepsShed() == 0)
        .filter(sample -> stay.stream().allMatch(name -> isWhole(sample, name)))
        .mapToLong(sample -> sample.atMs() - leftMs)
        .findFirst();
  }

  private static boolean isWhole(Sample sample, String stream) {
    return sample.encodes(stream)
        && sample.encoders().entrySet().stream()
            .filter(each -> each.getKey().startsWith(stream + " "))
            .noneMatch(each -> each.getValue().paused());
  }

  /** Decisions of any kind later than so long after the load's leaving. */
  List<Step> stepsAfter(long sinceLeftMs) {
    return steps.stream().filter(step -> step.atMs() > leftMs + sinceLeftMs).toList();
  }

  /** What came back while the load stood, in vain or not. */
  List<Step> returnsUnderLoad() {
    return steps.stream().filter(step -> !step.given() && step.atMs() < leftMs).toList();
  }

  /** Pictures that encoders of a rung left out, of all streams. */
  long dropped(String rendition) {
    Map<String, Long> most = new TreeMap<>();
    for (Sample sample : samples) {
      sample
          .encoders()
          .forEach(
              (name, encoder) -> {
                if (name.endsWith(" " + rendition)) {
                  most.merge(name, encoder.dropped(), Math::max);
                }
              });
    }
    return most.values().stream().mapToLong(Long::longValue).sum();
  }

  long mostIngestBytes() {
    return samples.stream().mapToLong(Sample::ingestBytes).max().orElse(0);
  }

  /** What waited to be read at two looks in a row: at one it may be a key frame on its way. */
  long lastingIngestBytes() {
    long most = 0;
    for (int i = 1; i < samples.size(); i++) {
      long both = Math.min(samples.get(i - 1).ingestBytes(), samples.get(i).ingestBytes());
      most = Math.max(most, both);
    }
    return most;
  }

  /** Looks at which more than {@code bytes} waited to be read. */
  List<Sample> ingestAbove(double bytes) {
    return samples.stream().filter(sample -> sample.ingestBytes() > bytes).toList();
  }
}
