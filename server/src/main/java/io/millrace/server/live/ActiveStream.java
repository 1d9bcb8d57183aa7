package io.millrace.server.live;

import io.millrace.media.StreamKey;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import io.millrace.packager.Presentation;
import io.millrace.packager.Presentation.Resume;
import io.millrace.server.config.PushTarget;
import io.millrace.server.config.SignalLoss;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventType;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream with its publishers, its renditions and its life: live while somebody publishes,
 * interrupted for the grace period, then ended, and forgotten when viewers have had time to finish.
 *
 * <p>Publishers come from any event loop; everything that touches {@link LiveStream} runs on the
 * stream's own. Which of several publishers is shown is decided by {@link InputSwitch}.
 */
public final class ActiveStream {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveStream.class);

  /**
   * What a publisher sends at once at its beginning is older than the stream, and has ticks too.
   */
  public static final Duration HEADROOM = Duration.ofSeconds(1);

  /** Where a stream stands. */
  public enum State {
    LIVE,
    INTERRUPTED,
    ENDED
  }

  private final StreamKey key;
  private final EventLoop loop;
  private volatile StreamSettings settings;

  /** In place of the configured one; null: that. Guarded by this. */
  private @Nullable LadderSettings chosen;

  private final StreamRegistry registry;
  private final StreamClock clock;
  private final LiveStream live;
  private final InputSwitch inputs;
  private final StreamOutputs outputs;
  private final Pushes pushes;
  private final Instant since;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Seats seats = new Seats();
  private volatile State state = State.INTERRUPTED;
  private volatile int publishers;

  // On the loop only.
  private @Nullable ScheduledFuture<?> timer;

  /** A stream that is sent on to nobody. */
  public ActiveStream(
      StreamKey key,
      EventLoop loop,
      StreamSettings settings,
      StreamRegistry registry,
      StreamOutputs.Factory outputs,
      FillerSource fillers,
      StreamClock clock) {
    this(key, loop, settings, registry, outputs, Pushes.NONE, fillers, clock);
  }

  public ActiveStream(
      StreamKey key,
      EventLoop loop,
      StreamSettings settings,
      StreamRegistry registry,
      StreamOutputs.Factory outputs,
      Pushes.Factory pushes,
      FillerSource fillers,
      StreamClock clock) {
    this.key = key;
    this.loop = loop;
    this.settings = settings;
    this.registry = registry;
    this.clock = clock;
    this.since = clock.now();
    this.outputs = outputs.create(key, loop, settings);
    Resume resume = this.outputs.presentation().resume();
    this.live =
        resume == null
            ? new LiveStream(key, loop, settings.segment(), settings.part(), since.minus(HEADROOM))
            : new LiveStream(key, loop, settings.segment(), settings.part(), resume);
    this.inputs = new InputSwitch(key, loop, live, settings, fillers, clock, registry.events());
    this.pushes = pushes.create(key, loop, feed(live));
    loop.execute(
        () -> {
          this.outputs.restore();
          live.subscribe(this.outputs);
          this.pushes.follow(settings.push());
        });
  }

  private static Pushes.Feed feed(LiveStream live) {
    return new Pushes.Feed() {
      @Override
      public void subscribe(TrackSink sink) {
        live.subscribe(sink);
      }

      @Override
      public void unsubscribe(TrackSink sink) {
        live.unsubscribe(sink);
      }

      @Override
      public void replay(TrackSink sink) {
        live.replay(sink);
      }
    };
  }

  /**
   * Shows what was published before the server started: as a stream that waits for its publisher,
   * or one that has ended. Any thread.
   *
   * @param ended true where it was ended then
   * @param remaining how long it stays when it has ended
   */
  public void awaitReturn(boolean ended, Duration remaining) {
    loop.execute(
        () -> {
          if (ended && markEnded(false)) {
            finish("it had ended before the server was started", remaining);
          } else if (!ended && state == State.INTERRUPTED) {
            schedule(this::finishUnlessBack, grace());
          }
        });
  }

  private Duration grace() {
    SignalLoss signalLoss = settings.signalLoss();
    return signalLoss == null ? settings.grace() : signalLoss.endAfter();
  }

  public StreamKey key() {
    return key;
  }

  public State state() {
    return state;
  }

  boolean isEnded() {
    return state == State.ENDED;
  }

  public Instant since() {
    return since;
  }

  /** Wall-clock time of tick 0. */
  Instant epoch() {
    return live.epoch();
  }

  /** How often the main input has come back, or another publisher in its place. */
  public int reconnects() {
    return Math.max(0, publishers - 1);
  }

  /** Everyone who feeds the stream, the main input first. */
  public List<Publisher> publishers() {
    return seats.publishers();
  }

  /** Null for one who does not, or not any more. */
  public @Nullable InputRole roleOf(Publisher publisher) {
    return seats.roleOf(publisher);
  }

  /** What has happened at the inputs. Any thread. */
  public InputCounters inputs() {
    return inputs.counters();
  }

  public Presentation presentation() {
    return outputs.presentation();
  }

  public StreamOutputs outputs() {
    return outputs;
  }

  /** Where it is sent on to. Any thread. */
  public List<PushStats> pushes() {
    return pushes.stats();
  }

  public EventLoop loop() {
    return loop;
  }

  /** What the configuration says, as far as the stream follows it while it is live. Any thread. */
  public StreamSettings settings() {
    return settings;
  }

  /**
   * Follows another configuration: what a second publisher meets and the grace period at once, the
   * renditions from the next boundary on. Any thread.
   *
   * @return keys that differ, and hold until the stream has ended
   */
  public synchronized List<String> configure(StreamSettings newer) {
    StreamSettings now = settings;
    List<String> waiting = now.fixedUnlike(newer);
    settings = now.following(newer);
    if (chosen == null && !now.renditions().equals(newer.renditions())) {
      change(newer.renditions());
    }
    if (!now.push().equals(newer.push())) {
      onLoop(() -> push(newer.push()));
    }
    return waiting;
  }

  /**
   * Has other renditions than the configured ones until the stream has ended, or those again. Any
   * thread.
   *
   * @param other null: the configured ones
   */
  public synchronized void choose(@Nullable LadderSettings other) {
    chosen = other;
    change(other == null ? settings.renditions() : other);
  }

  /** True where the renditions are not the configured ones. Any thread. */
  public synchronized boolean isChosen() {
    return chosen != null;
  }

  private void change(LadderSettings renditions) {
    onLoop(() -> outputs.change(renditions));
  }

  private void push(List<PushTarget> targets) {
    if (!isEnded()) {
      pushes.follow(targets);
    }
  }

  private void onLoop(Runnable change) {
    try {
      loop.execute(change);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().addKeyValue("stream", key).log("the server stops, nothing changes any more");
    }
  }

  /** Gives {@code publisher} an input of the stream unless others keep theirs. Any thread. */
  synchronized boolean attach(Publisher publisher) {
    if (isEnded() || !seats.take(publisher, settings.onConflict(), clock.nanos())) {
      return false;
    }
    state = State.LIVE;
    if (seats.roleOf(publisher) == InputRole.MAIN) {
      publishers++;
    }
    return true;
  }

  /** True when the stream has no publisher now and goes on waiting for one. */
  private synchronized boolean detach(Publisher publisher) {
    if (!seats.leave(publisher) || isEnded()) {
      return false;
    }
    state = State.INTERRUPTED;
    return true;
  }

  private synchronized boolean markEnded(boolean evenIfPublishing) {
    if (isEnded() || (!seats.isEmpty() && !evenIfPublishing)) {
      return false;
    }
    state = State.ENDED;
    return true;
  }

  /** Starts the session of {@code publisher}, which has attached. */
  public void begin(Publisher publisher) {
    assert loop.inEventLoop();
    InputRole role = seats.roleOf(publisher);
    if (role == null || isEnded()) {
      publisher.close("another publisher took the stream over");
      return;
    }
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    outputs.ended(false);
    inputs.add(publisher, role, other -> seats.roleOf(other) != null);
  }

  /**
   * Takes an event of {@code publisher}'s session, in the session's own time; drops it where the
   * session is over.
   *
   * @throws io.millrace.media.MediaFormatException ends the session
   */
  public void accept(Publisher publisher, TrackEvent event) {
    assert loop.inEventLoop();
    if (isEnded()) {
      event.release();
    } else {
      inputs.accept(publisher, event);
    }
  }

  /**
   * Shows subtitles. Any thread.
   *
   * @return completes on the stream's loop; fails when the stream has ended
   */
  public CompletionStage<SubtitlePost.Result> subtitles(SubtitlePost post) {
    try {
      return CompletableFuture.supplyAsync(() -> show(post), loop);
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private SubtitlePost.Result show(SubtitlePost post) {
    if (isEnded()) {
      throw new CancellationException("the stream has ended");
    }
    Instant at = post.at();
    long zeroTicks =
        Timescale.MILLIS.rescale(post.offsetMs(), Timescale.VIDEO)
            + (at == null ? Math.max(0, live.latestEndTicks()) : live.wallTicks(at));
    long zeroUs = Timescale.VIDEO.rescale(zeroTicks, Timescale.MICROS);
    return new SubtitlePost.Result(
        live.epoch().plus(zeroUs, ChronoUnit.MICROS).truncatedTo(ChronoUnit.MILLIS),
        outputs.subtitles(post.language(), zeroTicks, post.cues()));
  }

  /** The session of {@code publisher} is over. */
  public void end(Publisher publisher, String reason) {
    assert loop.inEventLoop();
    boolean waiting = detach(publisher);
    if (isEnded()) {
      return;
    }
    inputs.remove(publisher, reason);
    if (waiting) {
      Duration grace = grace();
      registry
          .events()
          .say(
              LOG,
              EventNote.info(EventType.STREAM_WAITING, key, "stream waits for its publisher")
                  .with("reason", reason)
                  .with("grace", grace));
      schedule(this::finishUnlessBack, grace);
    }
  }

  private void finishUnlessBack() {
    if (markEnded(false)) {
      outputs.ended(true);
      finish("no publisher came back within the grace period", kept());
    }
  }

  /**
   * Ends the stream: playlists are closed, encoders stopped; it is forgotten after a while. Any
   * thread.
   */
  public void shutdown(String reason) {
    if (markEnded(true)) {
      seats.publishers().forEach(publisher -> publisher.close(reason));
      loop.execute(() -> finish(reason, kept()));
    }
  }

  /** How long an ended stream stays to be watched. */
  private Duration kept() {
    return settings.listed().plusSeconds(10);
  }

  private void finish(String reason, Duration kept) {
    inputs.close(reason);
    pushes.close(reason);
    live.close();
    outputs.close();
    over.countDown();
    registry
        .events()
        .say(
            LOG,
            EventNote.info(EventType.STREAM_ENDED, key, "stream ended").with("reason", reason));
    schedule(() -> registry.remove(this), kept);
  }

  private void schedule(Runnable task, Duration delay) {
    if (timer != null) {
      timer.cancel(false);
    }
    timer = loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Lists nothing any more that has left the disk. Any thread. */
  public void trim() {
    loop.execute(presentation()::trim);
  }

  /**
   * Waits until an ended stream is closed and its encoders are gone; for an orderly shutdown. Not
   * on an event loop.
   */
  public void awaitEnded(Duration timeout) throws InterruptedException {
    var unused = over.await(timeout.toMillis(), TimeUnit.MILLISECONDS);
    outputs.awaitClosed(timeout);
  }
}
