package io.millrace.server.live;

import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.End;
import io.millrace.packager.Presentation;
import io.millrace.server.config.StreamPolicy.OnConflict;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stream with its publisher, its renditions and its life: live while somebody publishes,
 * interrupted for the grace period, then ended, and forgotten when viewers have had time to finish.
 *
 * <p>Publishers come from any event loop; everything that touches {@link LiveStream} runs on the
 * stream's own. Of several publishers only the one that holds the stream is heard.
 */
public final class ActiveStream {
  private static final Logger LOG = LoggerFactory.getLogger(ActiveStream.class);

  /** A publisher that has sent nothing for so long gives its name up to the next one. */
  private static final long STALLED_NANOS = TimeUnit.SECONDS.toNanos(3);

  /** Where a stream stands. */
  public enum State {
    LIVE,
    INTERRUPTED,
    ENDED
  }

  private final StreamKey key;
  private final EventLoop loop;
  private final StreamSettings settings;
  private final StreamRegistry registry;
  private final LiveStream live;
  private final StreamOutputs outputs;
  private volatile @Nullable Publisher current;
  private volatile State state = State.INTERRUPTED;
  private volatile int publishers;

  // On the loop only.
  private @Nullable Publisher session;
  private @Nullable ScheduledFuture<?> timer;

  public ActiveStream(
      StreamKey key,
      EventLoop loop,
      StreamSettings settings,
      StreamRegistry registry,
      StreamOutputs.Factory outputs,
      Instant epoch) {
    this.key = key;
    this.loop = loop;
    this.settings = settings;
    this.registry = registry;
    this.live = new LiveStream(key, loop, settings.segment(), epoch);
    this.outputs = outputs.create(key, loop, settings);
    loop.execute(() -> live.subscribe(this.outputs));
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
    return live.epoch();
  }

  /** How many times a publisher has come back. */
  public int reconnects() {
    return Math.max(0, publishers - 1);
  }

  public @Nullable Publisher publisher() {
    return current;
  }

  public Presentation presentation() {
    return outputs.presentation();
  }

  public StreamOutputs outputs() {
    return outputs;
  }

  public EventLoop loop() {
    return loop;
  }

  /**
   * Gives the stream to {@code publisher} unless somebody else holds it and keeps it. Any thread.
   */
  synchronized boolean attach(Publisher publisher) {
    Publisher holder = current;
    boolean busy =
        holder != null
            && settings.onConflict() == OnConflict.REJECT
            && System.nanoTime() - holder.lastMediaNanos() < STALLED_NANOS;
    if (busy || isEnded()) {
      return false;
    }
    if (holder != null) {
      holder.close("another publisher took the stream over");
    }
    current = publisher;
    state = State.LIVE;
    publishers++;
    return true;
  }

  /** True when the stream has no publisher now and goes on waiting for one. */
  private synchronized boolean detach(Publisher publisher) {
    if (current == publisher) {
      current = null;
    }
    if (current != null || isEnded()) {
      return false;
    }
    state = State.INTERRUPTED;
    return true;
  }

  private synchronized boolean markEnded(boolean evenIfPublishing) {
    if (isEnded() || (current != null && !evenIfPublishing)) {
      return false;
    }
    state = State.ENDED;
    return true;
  }

  /**
   * Starts the session of {@code publisher} on the stream's clock.
   *
   * @return the tick, in video ticks since the epoch, where its first sample belongs
   */
  public long begin(Publisher publisher, Instant now) {
    assert loop.inEventLoop();
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
    if (session != null) {
      live.accept(new End("taken over"));
    }
    session = publisher;
    return live.originTicks(now);
  }

  /** Takes an event of {@code publisher}'s session; drops it where another has taken over. */
  public void accept(Publisher publisher, TrackEvent event) {
    assert loop.inEventLoop();
    if (session == publisher && !isEnded()) {
      live.accept(event);
    } else {
      event.release();
    }
  }

  /** The session of {@code publisher} is over. */
  public void end(Publisher publisher, String reason) {
    assert loop.inEventLoop();
    boolean waiting = detach(publisher);
    if (session != publisher) {
      return;
    }
    session = null;
    live.accept(new End(reason));
    if (waiting) {
      LOG.atInfo()
          .addKeyValue("stream", key)
          .addKeyValue("reason", reason)
          .addKeyValue("grace", settings.grace())
          .log("stream waits for its publisher");
      schedule(this::finishUnlessBack, settings.grace());
    }
  }

  private void finishUnlessBack() {
    if (markEnded(false)) {
      finish("no publisher came back within the grace period");
    }
  }

  /**
   * Ends the stream: playlists are closed, encoders stopped; it is forgotten after a while. Any
   * thread.
   */
  public void shutdown(String reason) {
    if (markEnded(true)) {
      Publisher publisher = current;
      if (publisher != null) {
        publisher.close(reason);
      }
      loop.execute(() -> finish(reason));
    }
  }

  private void finish(String reason) {
    if (session != null) {
      live.accept(new End(reason));
      session = null;
    }
    live.close();
    outputs.close();
    LOG.atInfo().addKeyValue("stream", key).addKeyValue("reason", reason).log("stream ended");
    schedule(() -> registry.remove(this), settings.window().plusSeconds(10));
  }

  private void schedule(Runnable task, Duration delay) {
    if (timer != null) {
      timer.cancel(false);
    }
    timer = loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Waits until the encoders of an ended stream are gone; for an orderly shutdown. Not on an event
   * loop.
   */
  public void awaitEnded(Duration timeout) throws InterruptedException {
    outputs.awaitClosed(timeout);
  }
}
