package io.millrace.server.worker;

import static io.millrace.server.event.EventType.WORKER_ENDED;
import static io.millrace.server.event.EventType.WORKER_GIVEN_UP;
import static io.millrace.server.event.EventType.WORKER_STARTED;

import io.millrace.codec.CodecException;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.LadderEngine;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.PlannedRung;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.codec.ladder.WorkerStats.State;
import io.millrace.codec.worker.Connection;
import io.millrace.codec.worker.Credits;
import io.millrace.codec.worker.Lane;
import io.millrace.codec.worker.Message;
import io.millrace.codec.worker.Window;
import io.millrace.codec.worker.Wire;
import io.millrace.codec.worker.WireException;
import io.millrace.media.StreamKey;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Boundary;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.worker.Worker.Usage;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream's ladder in a worker process, and in another one when that has ended.
 *
 * <pre>
 *  pump ── accept ──► window ──► socket ──► worker
 *                                             │
 *  sinks ◄── lanes ◄── "worker STREAM" ◄──────┘      "workers": look() for all ladders
 * </pre>
 *
 * Threads: the pump feeds; a thread of the ladder's own starts a worker, takes what it makes, and
 * when it has ended starts the next; a watchdog that all ladders share looks after it. The pump
 * waits for a worker's window, and for the very first worker, since what is in front of the pump is
 * bounded and the stream's beginning should not be lost; it never waits for a later one. A worker
 * is fed from a boundary on, which is a key frame, and gets the formats before that. Without a
 * worker the rungs have boundaries and no samples: holes, under their sequence numbers.
 */
final class SupervisedLadder implements LadderEngine {
  private static final Logger LOG = LoggerFactory.getLogger(SupervisedLadder.class);
  private static final Duration END_WAIT = Duration.ofSeconds(2);
  private static final int SIGNALLED = 128;
  private static final String AUDIO = "audio";

  /** Between the end of a connection and that of a process that ends by itself. */
  private static final Duration OWN_END_WAIT = Duration.ofMillis(300);

  /** Nobody is woken by {@link #abort}, which takes no lock. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(5);

  /** Once for every format of the source: a bound on what is logged. */
  private static final int MAX_SOURCE_FAILURES = 64;

  /** When a worker is given up. */
  record Patience(Duration start, Duration hang, long maxRssBytes) {}

  private final String streamName;
  private final WorkerSettings.MachinePaths paths;
  private final TranscoderListener listener;
  private final Worker.Launcher launcher;
  private final Patience patience;
  private final RestartPolicy restarts;
  private final EventSink events;
  private final Consumer<SupervisedLadder> whenClosed;
  private final Thread supervisor;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private final Tally tally = new Tally();

  /** Rungs that are not to be encoded; the pump tells the worker. */
  private final Set<String> unwanted = ConcurrentHashMap.newKeySet();

  /** Those that are not encoded in full. */
  private final Map<String, RungPace> paces = new ConcurrentHashMap<>();

  private final AtomicBoolean wantsChanged = new AtomicBoolean();

  // Guarded by the lock, which is held while a rendition is given something: whoever is on the
  // stream's loop must not take it.
  private LadderPlan plan;
  private List<Lane> lanes = new ArrayList<>();

  /** Lanes that are not in the ladder any more, and of which a worker still owes something. */
  private final List<Lane> leaving = new ArrayList<>();

  private final Map<Integer, TrackFormat> formats = new TreeMap<>();
  private @Nullable Link running;
  private boolean tried;

  private volatile @Nullable Link current;
  private volatile TranscoderStats stats = TranscoderStats.NONE;
  private volatile boolean closed;

  SupervisedLadder(
      String streamName,
      LadderPlan plan,
      WorkerSettings.MachinePaths paths,
      RungSinks sinks,
      TranscoderListener listener,
      Worker.Launcher launcher,
      Patience patience,
      RestartPolicy restarts,
      Consumer<SupervisedLadder> whenClosed,
      EventSink events) {
    this.events = events;
    this.streamName = streamName;
    this.plan = plan;
    this.paths = paths;
    this.listener = listener;
    this.launcher = launcher;
    this.patience = patience;
    this.restarts = restarts;
    this.whenClosed = whenClosed;
    for (PlannedRung rung : plan.rungs()) {
      lanes.add(new Lane(rung.rung().name(), rung.rung().codec(), sinks.video(rung)));
    }
    AudioRung audio = plan.ladder().audio();
    if (audio != null && !audio.passthrough()) {
      lanes.add(new Lane(AUDIO, null, sinks.audio(audio)));
    }
    this.supervisor =
        Thread.ofPlatform().name("worker " + streamName).daemon().unstarted(this::supervise);
  }

  void start() {
    supervisor.start();
  }

  private StreamKey key() {
    int slash = streamName.indexOf('/');
    return new StreamKey(
        streamName.substring(0, Math.max(0, slash)), streamName.substring(slash + 1));
  }

  // ---------------------------------------------------------------- the pump's side

  @Override
  public void accept(TrackEvent event) {
    if (event instanceof TrackEvent.Cue) {
      event.release();
      return;
    }
    Link link = route(event);
    if (link == null) {
      event.release();
    } else {
      send(link, event);
    }
  }

  /**
   * Decides under the lock what becomes of an event: it is owed by the worker that is returned, or
   * has gone straight to the renditions, or is lost.
   */
  private @Nullable Link route(TrackEvent event) {
    lock.lock();
    try {
      awaitFirst();
      if (event instanceof Format changing) {
        formats.put(changing.track(), changing.format());
      }
      TrackFormat format = event instanceof Sample of ? formats.get(of.track()) : null;
      if (event instanceof Sample sample && format != null) {
        long ticks = format.timescale().rescale(sample.ptsTicks(), Timescale.VIDEO);
        lanes.forEach(lane -> lane.reached(ticks));
      }
      Link link = running;
      if (link != null && !link.fed && event instanceof Boundary boundary) {
        link.fed = begin(link, boundary);
      }
      boolean isControl = !(event instanceof Sample || event instanceof Format);
      if (link != null && link.fed) {
        if (wantsChanged.getAndSet(false)) {
          sendWants(link);
        }
        if (isControl) {
          expect(link, event);
        }
        return link;
      }
      if (isControl) {
        lanes.forEach(lane -> lane.pass(event));
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the first worker, or for its failure. */
  private void awaitFirst() {
    try {
      while (running == null && !tried && !closed) {
        var unused = changed.await(LOOK.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      closed = true;
      Thread.currentThread().interrupt();
    }
  }

  /** A fresh worker learns the formats at its first boundary; they are few and small. */
  private boolean begin(Link link, Boundary boundary) {
    LOG.atDebug()
        .addKeyValue("stream", streamName)
        .addKeyValue("sequence", boundary.sequence())
        .log("worker begins");
    wantsChanged.set(false);
    if (!unwanted.isEmpty() || !paces.isEmpty()) {
      sendWants(link);
    }
    formats.forEach((track, format) -> send(link, new Format(track, format)));
    return true;
  }

  @Override
  public void change(LadderPlan next, RungSinks sinks) {
    lock.lock();
    try {
      List<Lane> before = lanes;
      List<Lane> changed = new ArrayList<>();
      for (PlannedRung rung : next.rungs()) {
        Lane lane = find(rung.rung().name());
        if (lane == null) {
          lane = new Lane(rung.rung().name(), rung.rung().codec(), sinks.video(rung));
        }
        lane.encodes(rung.rung().codec());
        changed.add(lane);
      }
      AudioRung audio = next.ladder().audio();
      if (audio != null && !audio.passthrough()) {
        Lane lane = find(AUDIO);
        changed.add(lane != null ? lane : new Lane(AUDIO, null, sinks.audio(audio)));
      }
      lanes = changed;
      plan = next;
      unwanted.retainAll(changed.stream().map(Lane::name).toList());
      paces.keySet().retainAll(changed.stream().map(Lane::name).toList());
      wantsChanged.set(true);
      before.stream().filter(lane -> !changed.contains(lane)).forEach(this::leave);
      Link link = running;
      if (link != null) {
        tell(link);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Null where it is not there, or has failed. */
  private @Nullable Lane find(String name) {
    return lanes.stream()
        .filter(lane -> lane.name().equals(name) && !lane.hasFailed())
        .findFirst()
        .orElse(null);
  }

  private void leave(Lane lane) {
    Link link = running;
    if (link == null || !link.fed) {
      lane.pass(LEFT);
      return;
    }
    try {
      lane.expect(LEFT);
      leaving.add(lane);
    } catch (WireException e) {
      LOG.atWarn().addKeyValue("stream", streamName).setCause(e).log("worker has stopped");
      link.kill(EndReason.HANG);
    }
  }

  /** Ahead of the next event, which may be the boundary from which it counts. */
  private void tell(Link link) {
    Connection connection = link.connection;
    List<Lane> left = lanes.stream().filter(lane -> !lane.hasFailed()).toList();
    List<Integer> numbers = left.stream().map(link::number).toList();
    link.plan = plan;
    if (connection == null) {
      return;
    }
    if (numbers.contains(-1)) {
      LOG.atWarn().addKeyValue("stream", streamName).log("too many changes for one worker");
      link.kill(EndReason.HANG);
      return;
    }
    try {
      connection.send(new Message.Change(ladderOf(left), plan.source(), numbers));
    } catch (IOException e) {
      link.window.close(); // the supervising thread sees its end too, and says why
    }
  }

  @Override
  public void want(String rung, boolean encode) {
    boolean changed = encode ? unwanted.remove(rung) : unwanted.add(rung);
    if (changed) {
      wantsChanged.set(true);
    }
  }

  @Override
  public void pace(String rung, RungPace pace) {
    RungPace before = pace.equals(RungPace.FULL) ? paces.remove(rung) : paces.put(rung, pace);
    if (!pace.equals(before == null ? RungPace.FULL : before)) {
      wantsChanged.set(true);
    }
  }

  /** Ahead of the next event, which may be the boundary from which it counts. */
  private void sendWants(Link link) {
    Connection connection = link.connection;
    if (connection == null) {
      return;
    }
    try {
      for (Lane lane : lanes) {
        if (!lane.isSound() && !lane.hasFailed()) {
          connection.send(
              new Message.Want(
                  link.number(lane),
                  !unwanted.contains(lane.name()),
                  paces.getOrDefault(lane.name(), RungPace.FULL)));
        }
      }
    } catch (IOException e) {
      link.window.close(); // the supervising thread sees its end too, and says why
    }
  }

  private void expect(Link link, TrackEvent control) {
    try {
      for (Lane lane : lanes) {
        lane.expect(control);
      }
    } catch (WireException e) {
      LOG.atWarn().addKeyValue("stream", streamName).setCause(e).log("worker has stopped");
      link.kill(EndReason.HANG);
    }
  }

  /** Takes {@code event}; it is lost where the worker has ended in the meantime. */
  private void send(Link link, TrackEvent event) {
    Connection connection = link.connection;
    if (connection == null || !link.window.acquire(Window.cost(event))) {
      event.release();
      return;
    }
    try {
      connection.send(new Message.Event(Message.SOURCE, event));
    } catch (WireException e) {
      LOG.atWarn().addKeyValue("stream", streamName).setCause(e).log("too large for a worker");
      link.kill(EndReason.PROTOCOL);
    } catch (IOException e) {
      link.window.close(); // the supervising thread sees its end too, and says why
    }
  }

  // ---------------------------------------------------------------- the supervising thread

  private void supervise() {
    while (!closed) {
      Link link = null;
      EndReason reason = EndReason.START;
      String detail;
      try {
        link = launch();
        converse(link);
        detail = "it ended the connection";
      } catch (WireException e) {
        reason = EndReason.PROTOCOL;
        detail = String.valueOf(e.getMessage());
      } catch (IOException e) {
        detail = String.valueOf(e.getMessage());
      } catch (RuntimeException e) {
        LOG.atError()
            .addKeyValue("stream", streamName)
            .setCause(e)
            .log("a worker is ended by a fault of the server");
        reason = EndReason.PROTOCOL;
        detail = e.toString();
      }
      end(link, reason, detail);
    }
    tally.is(State.CLOSED);
  }

  private Link launch() throws IOException {
    Worker worker = launcher.launch(streamName);
    Link link;
    lock.lock();
    try {
      List<Lane> left = lanes.stream().filter(lane -> !lane.hasFailed()).toList();
      link = new Link(worker, plan, ladderOf(left), left, System.nanoTime());
    } finally {
      lock.unlock();
    }
    current = link;
    tally.started(link.worker.pid());
    if (closed) {
      link.worker.kill();
    }
    return link;
  }

  private void converse(Link link) throws IOException {
    Connection connection = new Connection(link.worker.connect());
    link.connection = connection;
    try {
      greet(link, connection);
      Credits credits = new Credits(connection);
      for (Message message = connection.receive();
          message != null;
          message = connection.receive()) {
        take(link, message, credits);
      }
    } finally {
      connection.disconnect();
    }
  }

  private void greet(Link link, Connection connection) throws IOException {
    Message first = connection.receive();
    if (first == null) {
      throw new IOException("it ended at once");
    }
    if (!(first instanceof Message.Hello hello)
        || !MessageDigest.isEqual(hello.token(), link.worker.token())) {
      if (first instanceof Message.Event(int _, TrackEvent event)) {
        event.release();
      }
      throw new WireException("whoever has connected is not the worker");
    }
    if (hello.version() != Wire.VERSION) {
      throw new WireException("the worker is of another release: " + hello.version());
    }
    connection.send(
        new Message.Open(
            streamName,
            link.opened,
            link.openedFor.source(),
            paths.svtAv1Library(),
            paths.vmafProgram()));
  }

  /** The rungs of these lanes, in their order. */
  private Ladder ladderOf(List<Lane> of) {
    List<VideoRung> video = new ArrayList<>();
    AudioRung audio = null;
    Map<String, VideoRung> byName = new HashMap<>();
    plan.rungs().forEach(rung -> byName.put(rung.rung().name(), rung.rung()));
    for (Lane lane : of) {
      VideoRung rung = byName.get(lane.name());
      if (lane.isSound() || rung == null) {
        audio = plan.ladder().audio();
      } else {
        video.add(rung);
      }
    }
    return plan.ladder().with(video, audio);
  }

  private void take(Link link, Message message, Credits credits) throws IOException {
    if (!(message instanceof Message.Event) && !link.takesUnpaid(System.nanoTime())) {
      throw new WireException("too many messages");
    }
    switch (message) {
      case Message.Event(int lane, TrackEvent event) -> {
        long cost = Window.cost(event);
        deliver(link, lane, event);
        credits.used(cost);
      }
      case Message.Credit credit -> link.window.release(credit.bytes());
      case Message.Stats reported -> {
        stats = known(link, reported.stats());
        link.heardNs = System.nanoTime();
      }
      case Message.Ready _ -> ready(link);
      case Message.RungFailed failed -> rungFailed(link, failed);
      case Message.SourceFailed failed -> {
        if (++link.sourceFailures > MAX_SOURCE_FAILURES) {
          throw new WireException("the source fails too often");
        }
        listener.sourceFailed(new CodecException(failed.reason()));
      }
      case Message.Hello _, Message.Open _, Message.Want _, Message.Change _ ->
          throw new WireException("a message out of its place");
    }
  }

  /** Only of rungs that there are: their names become labels of metrics. */
  private static TranscoderStats known(Link link, TranscoderStats reported) {
    List<RungStats> rungs = new ArrayList<>();
    for (Lane lane : link.lanes()) {
      reported.rungs().stream()
          .filter(rung -> rung.name().equals(lane.name()))
          .findFirst()
          .ifPresent(rungs::add);
    }
    return new TranscoderStats(
        reported.picturesDecoded(),
        reported.samplesDamaged(),
        reported.decodeNs(),
        reported.scaleNs(),
        reported.pictureBytes(),
        reported.nativeHandles(),
        Math.max(0, reported.samplesWaiting()),
        List.copyOf(rungs));
  }

  private void ready(Link link) throws WireException {
    if (link.ready) {
      throw new WireException("ready twice");
    }
    long nowNs = System.nanoTime();
    link.readyNs = nowNs;
    link.heardNs = nowNs;
    link.ready = true;
    events.say(
        LOG,
        EventNote.info(WORKER_STARTED, key(), "worker ready")
            .with("pid", link.worker.pid())
            .with("after_ms", TimeUnit.NANOSECONDS.toMillis(nowNs - link.startedNs)));
    lock.lock();
    try {
      if (!link.plan.equals(plan)) {
        tell(link);
      }
      if (!closed) {
        running = link;
        tally.is(State.RUNNING);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void deliver(Link link, int number, TrackEvent event) throws WireException {
    lock.lock();
    try {
      Lane lane = link.lane(number);
      if (lane == null) {
        event.release();
        throw new WireException("no rung " + number);
      }
      if (running == link) {
        boolean ends = event instanceof TrackEvent.End;
        lane.take(event);
        if (ends && lane.hasLeft()) {
          leaving.remove(lane);
          link.forget(lane);
        }
      } else {
        event.release();
      }
    } finally {
      lock.unlock();
    }
  }

  private void rungFailed(Link link, Message.RungFailed failed) throws WireException {
    Lane lane;
    lock.lock();
    try {
      lane = link.lane(failed.lane());
      if (lane == null && link.knows(failed.lane())) {
        return; // it has left meanwhile
      }
      if (lane == null) {
        throw new WireException("no rung " + failed.lane());
      }
      if (lane.hasFailed()) {
        throw new WireException("rung " + lane.name() + " failed twice");
      }
      lane.fail();
      leaving.remove(lane);
    } finally {
      lock.unlock();
    }
    listener.rungFailed(lane.name(), new CodecException(failed.reason()));
  }

  /** Nothing of this worker is left when this returns, and the time has come for the next one. */
  private void end(@Nullable Link link, EndReason seen, String detail) {
    lock.lock();
    try {
      running = null;
      tried = true;
      if (!closed) {
        lanes.forEach(Lane::lost);
        leaving.forEach(Lane::lost);
        leaving.clear();
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    if (link == null) {
      ended(0, 0, seen, detail);
      return;
    }
    long readyNs = link.ready ? System.nanoTime() - link.readyNs : 0;
    link.window.close();
    Exit exit = exit(link, seen, detail);
    Connection connection = link.connection;
    if (connection != null) {
      connection.close();
    }
    current = null;
    tally.gone(link.worker.usage());
    link.worker.close();
    ended(link.worker.pid(), readyNs, exit.reason, exit.how);
  }

  /** Why and how, in words. */
  private record Exit(EndReason reason, String how) {}

  /** Ends the process if it does not end by itself, and finds out what it was. */
  private static Exit exit(Link link, EndReason seen, String detail) {
    EndReason killed = link.killed;
    if (killed != null || seen == EndReason.PROTOCOL) {
      link.worker.kill();
      var unused = link.worker.awaitEnd(END_WAIT);
      EndReason reason = killed == null ? seen : killed;
      return new Exit(reason, seen == EndReason.PROTOCOL ? detail : "killed by the server");
    }
    OptionalInt code = link.worker.awaitEnd(OWN_END_WAIT);
    if (code.isEmpty()) {
      link.worker.kill();
      var unused = link.worker.awaitEnd(END_WAIT);
    }
    if (link.worker.ranOutOfMemory()) {
      return new Exit(EndReason.MEMORY, "the kernel ended it: its group is out of memory");
    }
    EndReason reason = link.ready ? EndReason.CRASH : EndReason.START;
    if (code.isEmpty()) {
      return new Exit(reason, detail);
    }
    int number = code.getAsInt();
    if (number == WorkerMain.STUCK) {
      return new Exit(EndReason.HANG, "an encoder does not return");
    }
    return new Exit(
        reason, number > SIGNALLED ? "signal " + (number - SIGNALLED) : "exit code " + number);
  }

  private void ended(long pid, long readyNs, EndReason reason, String how) {
    if (!closed) {
      tally.ended(reason, how);
      waitForNext(pid, reason, how, readyNs);
    }
  }

  private void waitForNext(long pid, EndReason reason, String how, long readyNs) {
    RestartPolicy.Next next = restarts.ended(readyNs);
    EventNote note =
        next.pause()
            ? EventNote.error(
                WORKER_GIVEN_UP,
                key(),
                "worker ends too often, the ladder pauses; passthrough goes on")
            : EventNote.warn(
                WORKER_ENDED, key(), "worker ended, another one follows; passthrough goes on");
    events.say(
        LOG,
        note.with("pid", pid)
            .with("reason", reason.word())
            .with("detail", how)
            .with("ready_ms", TimeUnit.NANOSECONDS.toMillis(readyNs))
            .with("next_in_ms", TimeUnit.NANOSECONDS.toMillis(next.delayNs())));
    tally.is(next.pause() ? State.PAUSED : State.STARTING);
    lock.lock();
    try {
      long untilNs = System.nanoTime() + next.delayNs();
      for (long leftNs = next.delayNs();
          leftNs > 0 && !closed;
          leftNs = untilNs - System.nanoTime()) {
        var unused = changed.awaitNanos(Math.min(leftNs, LOOK.toNanos()));
      }
    } catch (InterruptedException e) {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  // ---------------------------------------------------------------- the watchdog's side

  /** Measures the worker, and ends it where it is beyond a limit. */
  void look(long nowNs) {
    Link link = current;
    if (link == null) {
      return;
    }
    Usage now = link.worker.usage();
    tally.measured(link.worker.pid(), now);
    if (now.rssBytes() > patience.maxRssBytes()) {
      link.kill(EndReason.MEMORY);
    }
    long hangNs = patience.hang().toNanos();
    if (!link.ready) {
      if (nowNs - link.startedNs > patience.start().toNanos()) {
        link.kill(EndReason.START);
      }
    } else if (nowNs - link.heardNs > hangNs || link.window.stillNs(nowNs) > hangNs) {
      link.kill(EndReason.HANG);
    }
  }

  // ---------------------------------------------------------------- any thread

  @Override
  public TranscoderStats stats() {
    return stats;
  }

  @Override
  public WorkerStats worker() {
    return tally.snapshot();
  }

  @Override
  public void abort() {
    closed = true;
    Link link = current;
    if (link != null) {
      link.window.close();
      link.worker.kill();
    }
  }

  @Override
  public void close() {
    abort();
    lock.lock();
    try {
      lanes.forEach(Lane::shut);
      leaving.forEach(Lane::shut);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    try {
      if (!supervisor.join(CLOSE_WAIT)) {
        LOG.atError().addKeyValue("stream", streamName).log("worker does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    whenClosed.accept(this);
  }
}
