package io.millrace.server.live;

import static io.millrace.server.event.EventType.STREAM_FAILED_OVER;
import static io.millrace.server.event.EventType.STREAM_RECOVERED;
import static io.millrace.server.event.EventType.STREAM_SIGNAL_LOST;
import static io.millrace.server.event.EventType.STREAM_TAKEN_OVER;

import io.millrace.media.MediaFormatException;
import io.millrace.media.StreamKey;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.server.config.Failover;
import io.millrace.server.config.SignalLoss;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.millrace.server.live.FillerSource.PreparedFiller;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses what a stream shows: its main input, its backup, or, when both are lost, a filler.
 *
 * <ul>
 *   <li>An input is lost when it has gone, or when its picture or sound has been missing for {@link
 *       Failover#after}. The other one then goes on air at once, from its newest key frame, behind
 *       the last picture that was shown (see {@link InputClock}).
 *   <li>An input with a fault (frozen, black, silent) is left for one without.
 *   <li>A change that has time, back to the main input or to a publisher that takes the stream
 *       over, waits for a key frame.
 *   <li>The first input goes on air when what it sent at once has come, so that its dates are those
 *       of the sample that was earliest: no sample is dated later than it came.
 *   <li>With no input left the filler goes on air; the first input that is ready ends it.
 *   <li>Without a filler the stream pauses: an {@link End}, and the clock goes on.
 * </ul>
 *
 * <p>Confined to the stream's event loop.
 */
final class InputSwitch {
  private static final Logger LOG = LoggerFactory.getLogger(InputSwitch.class);
  private static final String TAKEN_OVER = "another publisher took the stream over";
  private static final Duration WATCH = Duration.ofMillis(50);
  private static final Duration FILL = Duration.ofMillis(20);

  /** A publisher that was taken over stays on air for so long while the new one gets ready. */
  private static final long HANDOVER_NANOS = TimeUnit.SECONDS.toNanos(5);

  /** 150 ms: the least in which a group of pictures is caught up with. */
  private static final long MIN_CATCH_UP_TICKS = Timescale.VIDEO.ticksPerSecond() * 3L / 20;

  /** 0.5 s: a hole of up to this between two inputs is closed by the clock. */
  private static final long MAX_CLOSED_HOLE_TICKS = Timescale.VIDEO.ticksPerSecond() / 2;

  private final StreamKey key;
  private final EventLoop loop;
  private final LiveStream live;
  private final Failover failover;
  private final @Nullable SignalLoss signalLoss;
  private final FillerSource fillers;
  private final StreamClock clock;
  private final EventSink events;

  private final List<StreamInput> inputs = new ArrayList<>(2);
  private @Nullable StreamInput onAir;
  private @Nullable Object filling;
  private @Nullable Filler filler;
  private @Nullable ScheduledFuture<?> watch;
  private @Nullable ScheduledFuture<?> fill;
  private final TreeMap<Integer, TrackFormat> lastFormats = new TreeMap<>();

  /** The stream's clock goes on without a hole from {@code airTicks} at {@code airNanos}. */
  private boolean continuing;

  private long airTicks;
  private long airNanos;
  private volatile InputCounters counters = InputCounters.NONE;

  InputSwitch(
      StreamKey key,
      EventLoop loop,
      LiveStream live,
      StreamSettings settings,
      FillerSource fillers,
      StreamClock clock,
      EventSink events) {
    this.events = events;
    this.key = key;
    this.loop = loop;
    this.live = live;
    this.failover = settings.failover();
    this.signalLoss = settings.signalLoss();
    this.fillers = fillers;
    this.clock = clock;
  }

  /** Any thread. */
  InputCounters counters() {
    return counters;
  }

  /** The publisher on air; null when there is none. */
  @Nullable Publisher onAir() {
    return onAir == null ? null : onAir.publisher();
  }

  boolean isEmpty() {
    return inputs.isEmpty();
  }

  /**
   * Adds a publisher.
   *
   * @param seated whether one still has its seat; one that has not stays until this one is on air
   */
  void add(Publisher publisher, InputRole role, Predicate<Publisher> seated) {
    long now = clock.nanos();
    for (StreamInput input : inputs) {
      if (!input.isReplaced() && !seated.test(input.publisher())) {
        input.replace();
        loop.schedule(
            () -> input.publisher().close(TAKEN_OVER), HANDOVER_NANOS, TimeUnit.NANOSECONDS);
      }
    }
    InputWatch looks = failover.monitors() ? watchOf(publisher) : null;
    inputs.add(new StreamInput(publisher, role, looks, now));
    keepWatch();
  }

  private InputWatch watchOf(Publisher publisher) {
    return new InputWatch(
        key + " " + publisher.sessionId(),
        failover,
        fault -> loop.execute(() -> fault(publisher, fault)));
  }

  /** Takes an event of a session; drops it where the session is not one of the stream's. */
  void accept(Publisher publisher, TrackEvent event) {
    StreamInput input = find(publisher);
    if (input == null) {
      event.release();
      return;
    }
    long now = clock.nanos();
    try {
      input.note(event, now, failover.after().toNanos());
    } catch (MediaFormatException e) {
      event.release();
      throw e;
    }
    if (input.isOnAir()) {
      forward(input, event);
    } else if (event instanceof Sample sample) {
      input.keep(sample, onAir == null && !live.hasBegun());
      boolean atKey = sample.key() && sample.track() == TrackEvent.VIDEO_TRACK;
      if (input.isReady()) {
        choose(now, atKey || !input.formats().containsKey(TrackEvent.VIDEO_TRACK) ? input : null);
      }
    }
  }

  private void forward(StreamInput input, TrackEvent event) {
    if (event instanceof Sample sample) {
      Sample placed = input.place(sample);
      if (placed != null) {
        live.accept(placed);
      }
    } else if (event instanceof TrackEvent.Cue cue) {
      live.accept(
          new TrackEvent.Cue(input.placeTicks(cue.ptsTicks()), cue.scheme(), cue.message()));
    } else {
      live.accept(event);
    }
  }

  void remove(Publisher publisher, String reason) {
    StreamInput input = find(publisher);
    if (input == null) {
      return;
    }
    inputs.remove(input);
    if (input == onAir) {
      leaveAir(input, clock.nanos());
      choose(clock.nanos(), null);
      if (onAir == null) {
        signalLost(reason);
      }
    }
    input.close();
    keepWatch();
  }

  /**
   * Says what is wrong with the picture or sound of an input; null: nothing any more.
   *
   * @param fault for the operator, such as {@code black picture for 5 s}
   */
  void fault(Publisher publisher, @Nullable String fault) {
    StreamInput input = find(publisher);
    if (input != null) {
      input.fault(fault, clock.nanos());
      look();
    }
  }

  private @Nullable StreamInput find(Publisher publisher) {
    for (StreamInput input : inputs) {
      if (input.publisher() == publisher) {
        return input;
      }
    }
    return null;
  }

  /**
   * Changes what is on air where that is due.
   *
   * @param atKey the input that has just started a group of pictures, or null
   */
  private void choose(long now, @Nullable StreamInput atKey) {
    StreamInput current = onAir;
    if (current == null) {
      StreamInput next = best(now);
      if (next != null) {
        String reason = filling != null ? "signal is back" : "the other input has gone";
        boolean other = continuing && filling == null;
        putOnAir(
            next,
            now,
            other ? STREAM_FAILED_OVER : STREAM_RECOVERED,
            continuing ? reason : "publisher is back");
      }
      return;
    }
    long afterNanos = failover.after().toNanos();
    boolean missing = current.missingNanos(now) > afterNanos;
    boolean lost = current.silentNanos(now) > afterNanos;
    for (StreamInput other : inputs) {
      if (!isFit(other, now) || (!missing && other.silentNanos(now) > afterNanos)) {
        continue;
      }
      String reason = null;
      EventType type = STREAM_FAILED_OVER;
      if (current.isReplaced() && !other.isReplaced()) {
        reason = other == atKey || lost ? "taken over" : null;
        type = STREAM_TAKEN_OVER;
      } else if (lost) {
        reason = "no media for " + TimeUnit.NANOSECONDS.toMillis(current.silentNanos(now)) + " ms";
      } else if (current.fault() != null && other.fault() == null) {
        reason = current.fault();
      } else if (other == atKey && isDueBack(current, other, now)) {
        reason = "main input is back";
        type = STREAM_RECOVERED;
      }
      if (reason != null) {
        leaveAir(current, now);
        putOnAir(other, now, type, reason);
        return;
      }
    }
    if (signalLoss != null && current.missingNanos(now) > signalLoss.after().toNanos()) {
      leaveAir(current, now);
      signalLost("no media for " + signalLoss.after().toMillis() + " ms");
    }
  }

  /** Whether an input could go on air now, and it would be known where it belongs. */
  private boolean isFit(StreamInput input, long now) {
    boolean covered = onAir != null || continuing;
    boolean placeable = covered ? input.isSteady(now) : live.hasBegun() || input.isSettled(now);
    return placeable && input.isReady() && input.missingNanos(now) <= failover.after().toNanos();
  }

  private boolean isDueBack(StreamInput current, StreamInput other, long now) {
    return current.role() == InputRole.BACKUP
        && other.role() == InputRole.MAIN
        && other.fault() == null
        && !failover.returnAfter().isZero()
        && other.wholeNanos(now) >= failover.returnAfter().toNanos();
  }

  /** The input to show when nothing is: whole before faulty, main before backup. */
  private @Nullable StreamInput best(long now) {
    StreamInput best = null;
    for (StreamInput input : inputs) {
      if (isFit(input, now) && (best == null || rank(input, now) < rank(best, now))) {
        best = input;
      }
    }
    return best;
  }

  private int rank(StreamInput input, long now) {
    return (input.isReplaced() ? 8 : 0)
        + (input.silentNanos(now) > failover.after().toNanos() ? 4 : 0)
        + (input.fault() == null ? 0 : 2)
        + (input.role() == InputRole.MAIN ? 0 : 1);
  }

  private void leaveAir(StreamInput input, long now) {
    airTicks = input.onAirTicks(now);
    airNanos = now;
    continuing = live.hasBegun();
    lastFormats.clear();
    lastFormats.putAll(input.formats());
    input.goOffAir();
    onAir = null;
    counters = counters.left(input.publisher().sessionId());
  }

  private void putOnAir(StreamInput input, long now, EventType type, String reason) {
    InputClock placed = place(input, now);
    long soundFrom = continuing ? live.endTicks(TrackEvent.AUDIO_TRACK) : Long.MIN_VALUE;
    boolean change = continuing || counters.switches() > 0;
    stopFilling(now);
    continuing = false;
    onAir = input;
    counters = counters.tookOver(input.publisher().sessionId(), input.role(), reason, change);
    if (change) {
      events.say(
          LOG,
          EventNote.info(type, key, "input on air")
              .with("session", input.publisher().sessionId())
              .with("input", input.role())
              .with("reason", reason));
    }
    List<Sample> backlog = input.goOnAir(placed, soundFrom);
    int next = 0;
    try {
      for (var format : input.formats().entrySet()) {
        live.accept(new Format(format.getKey(), format.getValue()));
      }
      while (next < backlog.size()) {
        forward(input, backlog.get(next++));
      }
    } catch (MediaFormatException e) {
      backlog.subList(next, backlog.size()).forEach(Sample::release);
      input.publisher().close(String.valueOf(e.getMessage()));
    }
    for (StreamInput other : List.copyOf(inputs)) {
      if (other.isReplaced()) {
        other.publisher().close(TAKEN_OVER);
      }
    }
  }

  private InputClock place(StreamInput input, long now) {
    long start = input.startTicks();
    long present = input.presentTicks(now);
    if (!continuing && !live.hasBegun()) { // what is dated later than it came would step back later
      long shift = live.originTicks(clock.now()) - input.foremostTicks(now);
      return InputClock.shifted(Math.max(shift, -start));
    }
    if (!continuing) {
      long shift = live.originTicks(clock.now()) - present;
      return InputClock.shifted(Math.max(shift, live.resumeTicks() - start));
    }
    boolean pictures =
        input.formats().containsKey(TrackEvent.VIDEO_TRACK)
            && lastFormats.containsKey(TrackEvent.VIDEO_TRACK);
    long onto = pictures ? live.endTicks(TrackEvent.VIDEO_TRACK) : live.latestEndTicks();
    long shift = airTicks + StreamInput.elapsedTicks(now - airNanos) - present;
    long hole = start + shift - onto;
    if (hole > MAX_CLOSED_HOLE_TICKS) {
      live.accept(new End("the next input begins later"));
      return InputClock.shifted(shift);
    }
    live.splice(onto);
    if (hole >= 0 || !pictures) {
      return InputClock.shifted(onto - start);
    }
    long caughtUp = Math.max(input.newestTicks(), onto - shift + MIN_CATCH_UP_TICKS);
    return InputClock.catchingUp(start, caughtUp, shift, onto);
  }

  /** Nothing is left to show. */
  private void signalLost(String reason) {
    if (signalLoss == null || !continuing || !lastFormats.containsKey(TrackEvent.VIDEO_TRACK)) {
      pause(reason);
      return;
    }
    events.say(
        LOG,
        EventNote.warn(STREAM_SIGNAL_LOST, key, "signal lost, covering it")
            .with("reason", reason)
            .with("then", signalLoss.then())
            .with("covered", true));
    counters = counters.lost();
    Object attempt = new Object();
    filling = attempt;
    fillers
        .prepare(signalLoss, new TreeMap<>(lastFormats), live.openSegment().samples())
        .whenComplete(
            (prepared, failure) -> loop.execute(() -> startFilling(attempt, prepared, failure)));
  }

  private void startFilling(
      Object attempt, @Nullable PreparedFiller prepared, @Nullable Throwable failure) {
    if (filling != attempt) {
      return; // an input was ready sooner
    }
    if (prepared == null) {
      events.say(
          LOG,
          EventNote.warn(
                  STREAM_SIGNAL_LOST, key, "signal loss cannot be covered, viewers get a gap")
              .with("reason", failure == null ? "" : rootMessage(failure))
              .with("covered", false));
      pause("signal lost");
      return;
    }
    live.splice(live.endTicks(TrackEvent.VIDEO_TRACK));
    filler = prepared.start(live::endTicks);
    fillOn();
    fill =
        loop.scheduleAtFixedRate(
            this::fillOn, FILL.toMillis(), FILL.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }

  private void fillOn() {
    Filler running = filler;
    if (running == null) {
      return;
    }
    try {
      running.advanceTo(airTicks + StreamInput.elapsedTicks(clock.nanos() - airNanos), live);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("stream", key).setCause(e).log("filler failed");
      pause("signal lost");
    }
  }

  private void stopFilling(long now) {
    if (filling != null) {
      counters = counters.filled(now - airNanos);
    }
    filling = null;
    filler = null;
    if (fill != null) {
      fill.cancel(false);
      fill = null;
    }
  }

  private void pause(String reason) {
    stopFilling(clock.nanos());
    continuing = false;
    if (live.hasBegun()) {
      live.accept(new End(reason));
    }
  }

  /** A timer runs only where something may have to be noticed that no event tells. */
  private void keepWatch() {
    boolean needed = !inputs.isEmpty() && (inputs.size() > 1 || signalLoss != null);
    if (needed && watch == null) {
      watch =
          loop.scheduleAtFixedRate(
              this::look, WATCH.toMillis(), WATCH.toMillis(), TimeUnit.MILLISECONDS);
    } else if (!needed && watch != null) {
      watch.cancel(false);
      watch = null;
    }
  }

  private void look() {
    try {
      choose(clock.nanos(), null);
    } catch (RuntimeException e) {
      LOG.atError().addKeyValue("stream", key).setCause(e).log("inputs could not be compared");
    }
  }

  /** The stream is over: everything is let go, and the last segment ends. */
  void close(String reason) {
    if (onAir != null || filling != null) {
      pause(reason);
    }
    onAir = null;
    inputs.forEach(StreamInput::close);
    inputs.clear();
    keepWatch();
  }
}
