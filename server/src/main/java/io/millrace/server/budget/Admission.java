package io.millrace.server.budget;

import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.RungPace;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.server.live.ShedStep;
import io.millrace.server.live.Shedding;
import io.millrace.server.live.StreamSettings;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether there is room for another stream: what it takes when it has given everything up that its
 * operator names, against what the others would leave if they had, and the server beside them.
 * Presets and frame rates that are not named make no room: they go slowly, one by one, for what
 * turns out to be more than was expected. Nor is there room where its rungs, all of which begin,
 * would make the others late meanwhile. Its source is not known yet, and so taken for a small one:
 * what is too much all the same is given up a moment later. Thread-safe.
 */
final class Admission {
  /** Most ladders have all their rungs from here on. */
  private static final TrackFormat.Video SMALL_SOURCE =
      new TrackFormat.Video(
          VideoCodec.H264,
          "avc1",
          new byte[0],
          1280,
          720,
          Rational.ONE,
          new Rational(25, 1),
          new Colour(1, 1, 1, false),
          0);

  /** Of the machine, with the server's own part: with more, what is encoded comes late. */
  private static final double MOST_BUSY = 0.9;

  /**
   * Of the machine: with so much to spare rungs that wait can make the segment that playlists know
   * them by, however many they are.
   */
  private static final double STARTS_WITH = 0.25;

  /** From a publisher's first message to its encoders' first figures. */
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(8);

  private final CostEstimates estimates;
  private final double cores;
  private final LongSupplier clockNs;
  private final LongAdder refusals = new LongAdder();
  private final Map<StreamKey, Promise> promises = new HashMap<>();
  private double keptCores;
  private double serverCores;

  /** A stream that was let in and does not encode yet. */
  private record Promise(double cores, long untilNs) {}

  Admission(CostEstimates estimates, double cores, LongSupplier clockNs) {
    this.estimates = estimates;
    this.cores = cores;
    this.clockNs = clockNs;
  }

  long refusals() {
    return refusals.sum();
  }

  /**
   * What the streams take that are there, and would if everything were given up.
   *
   * @param nowServerCores what the server takes for all else, such as delivery
   */
  synchronized void looked(
      Look now, Governor governor, Set<StreamKey> started, double nowServerCores, long nowNs) {
    serverCores = nowServerCores;
    double freeable = 0;
    for (Look.Stream stream : now.streams()) {
      Set<Integer> gone = governor.given(stream.key());
      for (int place = 0; place < stream.steps().size(); place++) {
        // Presets and frame rates are of what is left when rungs have gone; rungs are what counts.
        if (stream.steps().get(place).step() instanceof ShedStep.Pause && !gone.contains(place)) {
          freeable += stream.steps().get(place).cores();
        }
      }
    }
    keptCores = Math.max(0, now.usedCores() - freeable);
    promises
        .entrySet()
        .removeIf(
            promise ->
                started.contains(promise.getKey()) || nowNs - promise.getValue().untilNs > 0);
  }

  /**
   * For a person; null where it is let in, as all are that need no encoder for pictures.
   *
   * @param full whether what is there is too much already, with all rungs given up that may be
   */
  @Nullable String refusal(StreamKey stream, StreamSettings settings, boolean full) {
    if (settings.ladder().video().isEmpty()) {
      return null;
    }
    String reason = full ? "the server's encoders have no room for another stream" : null;
    if (reason == null) {
      reason = expected(stream, settings);
    }
    if (reason != null) {
      refusals.increment();
    }
    return reason;
  }

  private synchronized @Nullable String expected(StreamKey stream, StreamSettings settings) {
    Shedding shedding = settings.renditions().shedding();
    if (!estimates.isCalibrated() || shedding.steps().isEmpty()) {
      return null;
    }
    LadderPlan plan = LadderPlan.resolve(settings.ladder(), SMALL_SOURCE);
    Set<String> paused = new HashSet<>(settings.renditions().watched().rungs());
    for (ShedStep step : shedding.steps()) {
      if (step instanceof ShedStep.Pause(String rung)) {
        paused.add(rung);
      }
    }
    double needs = estimates.cores(plan, paused, shedding.pace(shedding.named()));
    double promised =
        promises.entrySet().stream()
            .filter(promise -> !promise.getKey().equals(stream))
            .mapToDouble(promise -> promise.getValue().cores)
            .sum();
    double whole = estimates.cores(plan, Set.of(), RungPace.FULL);
    double starts = needs + Math.clamp(whole - needs, 0, cores * STARTS_WITH);
    String reason = lacking(needs, starts, keptCores + promised, shedding);
    if (reason == null) {
      promises.put(stream, new Promise(needs, clockNs.getAsLong() + STARTS_WITHIN.toNanos()));
    }
    return reason;
  }

  private @Nullable String lacking(double needs, double starts, double kept, Shedding shedding) {
    if (kept <= 0) {
      return null;
    }
    double machine = Math.max(0, cores * MOST_BUSY - serverCores);
    double budget = Math.min(cores * shedding.cpuPercent() / 100, machine);
    if (needs > budget - kept) {
      return String.format(
          Locale.ROOT,
          "no room to encode it: it would take %.2f cores at least, and of the budget of %.2f only"
              + " %.2f can be made free",
          needs,
          budget,
          Math.max(0, budget - kept));
    }
    return starts > machine - kept
        ? String.format(
            Locale.ROOT,
            "no room to begin to encode it: it would take %.2f cores for a moment, and of the"
                + " machine's %.2f only %.2f can be made free",
            starts,
            machine,
            Math.max(0, machine - kept))
        : null;
  }
}
