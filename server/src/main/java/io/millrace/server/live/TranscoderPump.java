package io.millrace.server.live;

import io.millrace.codec.ladder.LadderEngine;
import io.millrace.codec.ladder.LadderEngines;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.RungPace;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream's transcoder on a thread of its own, behind a bounded {@link Subscription}: whatever
 * decoding and encoding do, the stream's event loop and the passthrough rendition go on.
 */
final class TranscoderPump implements TrackSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TranscoderPump.class);
  private static final Duration MAX_LAG = Duration.ofSeconds(4);
  private static final long MAX_QUEUED_BYTES = 48L << 20;

  private final StreamKey key;
  private final Subscription subscription = new Subscription(MAX_LAG, MAX_QUEUED_BYTES);
  private final Thread thread;
  private final Map<String, Boolean> wanted = new ConcurrentHashMap<>();
  private final Map<String, RungPace> paces = new ConcurrentHashMap<>();
  private final Queue<Change> changes = new ConcurrentLinkedQueue<>();
  private volatile @Nullable LadderEngine engine;
  private volatile boolean closed;
  private Subscription.Drops said = new Subscription.Drops(0, 0);

  private record Change(LadderPlan plan, RungSinks sinks, long fromSequence) {}

  TranscoderPump(
      StreamKey key,
      LadderPlan plan,
      RungSinks sinks,
      LadderEngines engines,
      TranscoderListener listener) {
    this.key = key;
    this.thread =
        Thread.ofPlatform()
            .name("transcode-" + key)
            .daemon()
            .unstarted(() -> run(plan, sinks, engines, listener));
    thread.start();
  }

  @Override
  public void accept(TrackEvent event) {
    subscription.accept(event);
  }

  /**
   * Encodes another ladder from a boundary on, which has not come in yet. On the thread of {@link
   * #accept}.
   *
   * @param sinks asked on the pump's thread
   */
  void change(LadderPlan plan, RungSinks sinks, long fromSequence) {
    List<String> names = plan.rungs().stream().map(rung -> rung.rung().name()).toList();
    wanted.keySet().retainAll(names);
    paces.keySet().retainAll(names);
    changes.add(new Change(plan, sinks, fromSequence));
  }

  /** Whether a rung of the plan is to be encoded, from its next segment on. Any thread. */
  void want(String rung, boolean encode) {
    wanted.put(rung, encode);
    LadderEngine running = engine;
    if (running != null) {
      running.want(rung, encode);
    }
  }

  /** How a rung of the plan is to be encoded, from its next segment on. Any thread. */
  void pace(String rung, RungPace pace) {
    paces.put(rung, pace);
    LadderEngine running = engine;
    if (running != null) {
      running.pace(rung, pace);
    }
  }

  Subscription.Drops drops() {
    return subscription.drops();
  }

  /** The transcoder's counters; null before it runs. */
  @Nullable TranscoderStats stats() {
    LadderEngine running = engine;
    return running == null ? null : running.stats().waiting(subscription.waiting());
  }

  /** The process that it runs in; null where that is this one. */
  @Nullable WorkerStats worker() {
    LadderEngine running = engine;
    return running == null ? null : running.worker();
  }

  private void run(
      LadderPlan plan, RungSinks sinks, LadderEngines engines, TranscoderListener listener) {
    try (LadderEngine running = engines.open(key.toString(), plan, sinks, listener)) {
      engine = running;
      wanted.forEach(running::want);
      paces.forEach(running::pace);
      if (closed) {
        running.abort();
      }
      for (TrackEvent event = subscription.take(); event != null; event = subscription.take()) {
        if (event instanceof TrackEvent.Boundary boundary) {
          changeAt(boundary, running);
          sayDrops();
        }
        running.accept(event);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("stream", key)
          .setCause(e)
          .log("transcoder ended by a fault of the server");
      listener.sourceFailed(e);
    } finally {
      subscription.close();
    }
  }

  /** Of all rungs alike, and in none of their counters. */
  private void sayDrops() {
    Subscription.Drops now = subscription.drops();
    if (now.times() != said.times()) {
      LOG.atWarn()
          .addKeyValue("stream", key)
          .addKeyValue("behind", MAX_LAG)
          .addKeyValue("samples", now.samples() - said.samples())
          .log("decoding is too far behind: all rungs leave out what waits, to the next segment");
      said = now;
    }
  }

  private void changeAt(TrackEvent.Boundary boundary, LadderEngine running) {
    for (Change next = changes.peek();
        next != null && next.fromSequence <= boundary.sequence();
        next = changes.peek()) {
      changes.remove();
      running.change(next.plan, next.sinks);
      wanted.forEach(running::want);
      paces.forEach(running::pace);
    }
  }

  /** Ends the transcoder; returns at once, the thread finishes by itself. */
  @Override
  public void close() {
    closed = true;
    subscription.close();
    LadderEngine running = engine;
    if (running != null) {
      running.abort();
    }
  }

  /** Waits for the thread. */
  void join(Duration timeout) throws InterruptedException {
    thread.join(timeout);
  }
}
