package io.millrace.server.budget;

import static io.millrace.server.event.EventType.LADDER_RESTORED;
import static io.millrace.server.event.EventType.LADDER_STEPPED;
import static io.millrace.server.event.EventType.RUNG_RESTORED;
import static io.millrace.server.event.EventType.RUNG_RESUMED;
import static io.millrace.server.event.EventType.RUNG_SHED;
import static io.millrace.server.event.EventType.RUNG_STEPPED;
import static io.millrace.server.event.EventType.RUNG_WAITING;

import io.millrace.codec.cost.CostModel;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.media.StreamKey;
import io.millrace.server.budget.SpeedGovernor.Level;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.ShedStep;
import io.millrace.server.live.Shedding;
import io.millrace.server.live.StreamSettings;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at all encoders four times a second and does what {@link Governor} and {@link
 * SpeedGovernor} decide. {@link #look} on one thread; all else may be called from any.
 */
public final class BudgetService {
  private static final Logger LOG = LoggerFactory.getLogger(BudgetService.class);

  /** How often {@link #look} is to be called. */
  public static final long LOOK_MS = 250;

  private static final long COMPLAINT_NS = TimeUnit.MINUTES.toNanos(1);

  /** With less left, the machine is full, and no single encoder to blame. */
  private static final double SPARE_CORES = 0.25;

  /** How much counts of what the machine has left: a look alone is too short. */
  private static final double IDLE_SECONDS = 1;

  /** The same for what this process takes. */
  private static final double OWN_SECONDS = 5;

  /** A stream is expected to be encoded so soon, or something is wrong with its encoders. */
  private static final long COMES_WITHIN_NS = TimeUnit.SECONDS.toNanos(10);

  private final Supplier<Collection<EncodedStream>> streams;
  private final LongSupplier clockNs;
  private final EventSink events;
  private final DoubleSupplier idleCores;
  private final LongSupplier ownCpuNs;
  private final double cores;
  private final CostEstimates estimates;
  private final Admission admission;
  private final Governor governor = new Governor();
  private final Map<StreamKey, Watch> watches = new HashMap<>();
  private final Map<StreamKey, StreamCpu> cpu = new ConcurrentHashMap<>();
  private final LongAdder sheds = new LongAdder();
  private final LongAdder returns = new LongAdder();
  private long lastNs;
  private double idle = -1;
  private long ownSpentNs;

  /** What this process takes, encoders in it included. */
  private double own;

  private long nextComplaintNs;
  private volatile boolean exhausted;
  private volatile boolean crowded;
  private volatile int given;
  private volatile int steps;

  /** What a stream's encoders had done at the last look. */
  private static final class Watch {
    private final Map<String, RungWatch> rungs = new HashMap<>();
    private final Set<String> paused = new HashSet<>();
    private final SourceWatch source;
    private final long sinceNs;

    Watch(long nowNs) {
      this.source = new SourceWatch(nowNs);
      this.sinceNs = nowNs;
    }

    /** Those that are not encoded when all that is decided is done. */
    private Set<String> off(long nowNs) {
      Set<String> off = new HashSet<>();
      rungs.forEach(
          (name, rung) -> {
            if (!rung.isEncoding() || rung.isLeaving(nowNs)) {
              off.add(name);
            }
          });
      return off;
    }
  }

  /**
   * @param idleCores what nobody on this machine uses
   * @param ownCpuNs CPU time of this process so far
   * @param model what rungs cost here; null without a calibration
   * @param events is told what is decided
   */
  public static BudgetService of(
      Supplier<Collection<ActiveStream>> streams,
      int cores,
      DoubleSupplier idleCores,
      LongSupplier ownCpuNs,
      @Nullable CostModel model,
      LongSupplier clockNs,
      EventSink events) {
    return new BudgetService(
        () ->
            streams.get().stream()
                .filter(stream -> stream.state() != ActiveStream.State.ENDED)
                .map(EncodedStream::of)
                .toList(),
        cores,
        idleCores,
        ownCpuNs,
        model,
        clockNs,
        events);
  }

  BudgetService(
      Supplier<Collection<EncodedStream>> streams,
      int cores,
      DoubleSupplier idleCores,
      LongSupplier ownCpuNs,
      @Nullable CostModel model,
      LongSupplier clockNs,
      EventSink events) {
    this.events = events;
    this.streams = streams;
    this.cores = cores;
    this.idleCores = idleCores;
    this.ownCpuNs = ownCpuNs;
    this.ownSpentNs = ownCpuNs.getAsLong();
    this.estimates = new CostEstimates(model);
    this.admission = new Admission(estimates, cores, clockNs);
    this.clockNs = clockNs;
    this.lastNs = clockNs.getAsLong();
    this.nextComplaintNs = lastNs;
  }

  /** True while nothing is left to give up and it was not enough. */
  public boolean isExhausted() {
    return exhausted;
  }

  /** Rungs that are given up now. */
  public int shed() {
    return given;
  }

  /** Steps that are given up now: rungs, and presets and frame rates of streams. */
  public int steps() {
    return steps;
  }

  /** How often something was given up. */
  public long sheds() {
    return sheds.sum();
  }

  /** How often it was taken back. */
  public long returns() {
    return returns.sum();
  }

  /** Streams refused for want of room. */
  public long refusals() {
    return admission.refusals();
  }

  /** What a stream takes, as far as it is known. */
  public StreamCpu cpu(StreamKey stream) {
    return cpu.getOrDefault(stream, StreamCpu.NONE);
  }

  /** Why there is no room for a new stream; null where there is. */
  public @Nullable String refusal(StreamKey stream, StreamSettings settings) {
    return admission.refusal(stream, settings, exhausted || crowded);
  }

  /** Looks, and does what has been decided. What goes wrong with it is logged, once a minute. */
  public void look() {
    try {
      lookOnce();
    } catch (RuntimeException e) {
      // Whoever schedules this would never call again.
      long nowNs = clockNs.getAsLong();
      if (nowNs - nextComplaintNs >= 0) {
        nextComplaintNs = nowNs + COMPLAINT_NS;
        LOG.atError().setCause(e).log("the encoders' budget could not be looked at");
      }
    }
  }

  /** Of the newest of values that come every so often, where {@code counts} seconds count. */
  static double weight(double everySeconds, double counts) {
    return 1 - Math.exp(-everySeconds / counts);
  }

  private void lookOnce() {
    long nowNs = clockNs.getAsLong();
    long passedNs = nowNs - lastNs;
    lastNs = nowNs;
    double idleNow = idleCores.getAsDouble();
    idle += (idle < 0 ? 1 : weight(passedNs / 1e9, IDLE_SECONDS)) * (idleNow - idle);
    long spentNs = ownCpuNs.getAsLong();
    double ownNow = (spentNs - ownSpentNs) / (double) Math.max(1, passedNs);
    ownSpentNs = spentNs;
    own += weight(passedNs / 1e9, OWN_SECONDS) * (ownNow - own);
    List<EncodedStream> all =
        streams.get().stream().sorted(Comparator.comparing(EncodedStream::since)).toList();
    Set<StreamKey> keys = new HashSet<>();
    all.forEach(stream -> keys.add(stream.key()));
    watches.keySet().retainAll(keys);
    cpu.keySet().retainAll(keys);
    double used = 0;
    double coming = 0;
    double inProcess = 0;
    List<Look.Stream> looked = new ArrayList<>();
    Set<StreamKey> waiting = new HashSet<>();
    for (EncodedStream stream : all) {
      TranscoderStats stats = stream.stats();
      if (stats != null) {
        Watch watch = watches.computeIfAbsent(stream.key(), _ -> new Watch(nowNs));
        measure(watch, stats, stream, passedNs, nowNs);
        if (stream.isLive()) {
          double taken = used(watch, stream, nowNs);
          used += taken;
          inProcess += stream.workerCpuNs() < 0 ? taken : 0;
          coming += coming(watch, stream, nowNs);
          looked.add(look(watch, stream, idle, nowNs));
        }
      }
      if (!stream.isLive()) {
        waiting.add(stream.key());
      }
    }
    Look now = new Look(used, idle, coming, looked, waiting);
    List<Decision> decisions = governor.look(now, nowNs);
    exhausted = governor.isExhausted();
    crowded = governor.isCrowded();
    given = governor.rungs();
    steps = governor.steps();
    decisions.forEach(this::say);
    for (EncodedStream stream : all) {
      Watch watch = watches.get(stream.key());
      if (watch != null) {
        apply(stream, watch, idle, nowNs);
      }
    }
    admission.looked(now, governor, watches.keySet(), Math.max(0, own - inProcess), nowNs);
  }

  private void measure(
      Watch watch, TranscoderStats stats, EncodedStream stream, long passedNs, long nowNs) {
    LadderPlan plan = stream.plan();
    if (stats.rungs().isEmpty() && plan != null && nowNs - watch.sinceNs < COMES_WITHIN_NS) {
      for (PlannedRung planned : plan.rungs()) {
        watch
            .rungs
            .computeIfAbsent(planned.rung().name(), _ -> new RungWatch(nowNs))
            .coming(planned, nowNs);
      }
    }
    Map<String, CpuUse> taken = new HashMap<>();
    Set<String> names = new HashSet<>();
    for (RungStats rung : stats.rungs()) {
      names.add(rung.name());
      RungWatch known = watch.rungs.computeIfAbsent(rung.name(), _ -> new RungWatch(nowNs));
      known.look(rung, plan == null ? null : find(plan, rung.name()), estimates, passedNs, nowNs);
      taken.put(rung.name(), known.shown(estimates));
    }
    if (!names.isEmpty()) {
      watch.rungs.keySet().retainAll(names);
    }
    Set<String> off = watch.off(nowNs);
    watch.source.look(stats, stream.workerCpuNs(), plan, off, estimates, passedNs, nowNs);
    cpu.put(stream.key(), new StreamCpu(watch.source.shown(plan, off, estimates), taken));
  }

  private static @Nullable PlannedRung find(LadderPlan plan, String rung) {
    return plan.rungs().stream()
        .filter(planned -> planned.rung().name().equals(rung))
        .findFirst()
        .orElse(null);
  }

  /** What the stream takes, in cores, when all that is decided is done. */
  private double used(Watch watch, EncodedStream stream, long nowNs) {
    double used = watch.source.cores(stream.plan(), watch.off(nowNs), estimates, nowNs);
    for (var rung : watch.rungs.entrySet()) {
      if (rung.getValue().isEncoding() && !rung.getValue().isLeaving(nowNs)) {
        used += cores(rung.getValue(), stream, rung.getKey(), nowNs);
      }
    }
    return used;
  }

  /** What has not been taken yet of what is expected, less what is about to be free. */
  private double coming(Watch watch, EncodedStream stream, long nowNs) {
    double coming = watch.source.comingCores(stream.plan(), watch.off(nowNs), estimates, nowNs);
    for (var rung : watch.rungs.entrySet()) {
      RungWatch known = rung.getValue();
      coming +=
          known.isLeaving(nowNs)
              ? -known.takenCores()
              : known.comingCores(estimates, !stream.isForViewers(rung.getKey()), nowNs);
    }
    return coming;
  }

  /** A rung for viewers makes one segment at a stream's start, and takes nothing after that. */
  private double cores(RungWatch rung, EncodedStream stream, String name, long nowNs) {
    return rung.cores(estimates, !stream.isForViewers(name), nowNs);
  }

  private Look.Stream look(Watch watch, EncodedStream stream, double idle, long nowNs) {
    Shedding shedding = stream.shedding();
    Set<Integer> gone = governor.given(stream.key());
    List<Look.Step> offered = new ArrayList<>();
    for (int place = 0; place < shedding.steps().size(); place++) {
      ShedStep step = shedding.steps().get(place);
      double frees = gone.contains(place) ? 0 : frees(watch, stream, step, nowNs);
      boolean starting =
          step instanceof ShedStep.Pause(String name)
              && watch.rungs.containsKey(name)
              && watch.rungs.get(name).isStarting(nowNs)
              && estimates.isCalibrated();
      offered.add(new Look.Step(step, frees, starting));
    }
    String late = "";
    boolean settling = false;
    double lacking = 0;
    for (var rung : watch.rungs.entrySet()) {
      RungWatch known = rung.getValue();
      boolean leaves = known.isLeaving(nowNs);
      settling |= known.isSettling() || leaves;
      // What comes behind a decoder that makes up leeway comes faster than in real time.
      boolean spare = idle >= SPARE_CORES;
      boolean madeUp = spare && watch.source.wasLate(nowNs);
      if (!leaves && !madeUp && known.isLate(spare, estimates, nowNs)) {
        late = "encoding " + rung.getKey();
        lacking += known.lackingCores(estimates);
      }
    }
    boolean decodes = late.isEmpty();
    if (watch.source.isLate() && idle < SPARE_CORES) {
      late = "decoding";
      lacking += watch.source.lackingCores(stream.plan(), watch.off(nowNs), estimates);
    }
    return new Look.Stream(
        stream.key(),
        cores * shedding.cpuPercent() / 100,
        offered,
        late,
        lacking,
        settling,
        decodes && watch.source.isStarting(nowNs));
  }

  private double frees(Watch watch, EncodedStream stream, ShedStep step, long nowNs) {
    return switch (step) {
      case ShedStep.Pause(String name) -> {
        RungWatch rung = watch.rungs.get(name);
        // One that takes nothing yet may be late all the same.
        yield rung == null || !rung.isEncoding()
            ? 0
            : Math.max(Double.MIN_NORMAL, cores(rung, stream, name, nowNs));
      }
      case ShedStep.All all -> {
        double sum = 0;
        for (var rung : watch.rungs.entrySet()) {
          RungWatch known = rung.getValue();
          if (known.isEncoding() && !known.isLeaving(nowNs)) {
            RungPace then =
                switch (all) {
                  case FASTER ->
                      new RungPace(Math.min(RungPace.MOST_FASTER, known.pace.faster() + 1), false);
                  case HALF_RATE -> new RungPace(0, true);
                };
            sum +=
                cores(known, stream, rung.getKey(), nowNs)
                    * Math.max(0, 1 - known.left(then, estimates));
          }
        }
        yield sum;
      }
    };
  }

  /** Has the stream encoded as has been decided. */
  private void apply(EncodedStream stream, Watch watch, double idle, long nowNs) {
    List<ShedStep> all = stream.shedding().steps();
    Set<String> pauses = new HashSet<>();
    int faster = 0;
    boolean half = false;
    for (int place : governor.given(stream.key())) {
      switch (place < all.size() ? all.get(place) : null) {
        case ShedStep.Pause(String rung) -> pauses.add(rung);
        case ShedStep.All.FASTER -> faster++;
        case ShedStep.All.HALF_RATE -> half = true;
        case null -> {}
      }
    }
    for (String rung : Set.copyOf(watch.paused)) {
      if (!pauses.contains(rung)) {
        watch.paused.remove(rung);
        stream.shed(rung, false);
      }
    }
    for (String rung : pauses) {
      RungWatch known = watch.rungs.get(rung);
      if (known != null && known.hasBegun()) {
        watch.paused.add(rung);
        stream.shed(rung, true);
      }
    }
    watch.rungs.forEach((name, rung) -> rung.setGiven(pauses.contains(name), nowNs));
    RungPace shared = new RungPace(Math.min(faster, RungPace.MOST_FASTER), half);
    TranscoderStats stats = stream.stats();
    for (RungStats rung : stats == null ? List.<RungStats>of() : stats.rungs()) {
      RungWatch known = watch.rungs.get(rung.name());
      if (known != null && !rung.name().equals("audio")) {
        boolean mayStep = idle >= SPARE_CORES || all.isEmpty();
        RungPace own = ownPace(stream, known, rung, mayStep, nowNs);
        if (known.setPace(shared.and(own), nowNs)) {
          stream.pace(rung.name(), known.pace);
        }
      }
    }
  }

  private RungPace ownPace(
      EncodedStream stream, RungWatch known, RungStats rung, boolean mayStep, long nowNs) {
    List<Level> levels = known.levels(estimates);
    if (!known.isEncoding()) {
      return levels.get(known.speed.level(levels)).pace();
    }
    RungPace before = levels.get(known.speed.level(levels)).pace();
    boolean changed =
        known.speed.look(levels, rung.realTimeFactor(), known.isSettling(), mayStep, nowNs);
    RungPace own = levels.get(known.speed.level(levels)).pace();
    if (changed) {
      boolean less = own.faster() > before.faster() || (own.halfRate() && !before.halfRate());
      EventNote note =
          less
              ? EventNote.warn(RUNG_STEPPED, stream.key(), "encoder too slow, made faster")
              : EventNote.info(
                  RUNG_RESTORED, stream.key(), "encoder fast enough, made better again");
      events.say(
          LOG,
          note.with("rung", rung.name())
              .with("presets_faster", own.faster())
              .with("half_rate", own.halfRate())
              .with("real_time_factor", Math.round(rung.realTimeFactor() * 100) / 100.0));
    }
    return own;
  }

  private void say(Decision decision) {
    (decision.given() ? sheds : returns).increment();
    EventNote note =
        switch (decision.step()) {
          case ShedStep.Pause(String rung) -> rung(decision).with("rung", rung);
          case ShedStep.All.FASTER ->
              all(decision, "faster presets: overload", "slower presets again")
                  .with("step", "faster");
          case ShedStep.All.HALF_RATE ->
              all(decision, "half the frame rate: overload", "whole frame rate again")
                  .with("step", "half_rate");
        };
    events.say(LOG, note.with("reason", decision.reason()));
  }

  private static EventNote rung(Decision decision) {
    StreamKey stream = decision.stream();
    if (!decision.given()) {
      return EventNote.info(RUNG_RESUMED, stream, "rung taken back");
    }
    return decision.waits()
        ? EventNote.info(RUNG_WAITING, stream, "rung waits: there is no room for it yet")
        : EventNote.warn(RUNG_SHED, stream, "rung given up: overload");
  }

  private static EventNote all(Decision decision, String less, String more) {
    return decision.given()
        ? EventNote.warn(LADDER_STEPPED, decision.stream(), less)
        : EventNote.info(LADDER_RESTORED, decision.stream(), more);
  }
}
