package io.millrace.server.push;

import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import io.millrace.server.config.PushTarget;
import io.millrace.server.live.PushStats;
import io.millrace.server.live.Pushes;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The pushes of one stream. Costs nothing while there is none. */
final class StreamPushes implements Pushes, TrackSink {
  static final long TICK_MS = 100;

  private final StreamKey stream;
  private final EventLoop loop;
  private final Feed feed;
  private final PushSettings settings;
  private Map<PushTarget, Push> pushes = new LinkedHashMap<>();
  private volatile List<Push> current = List.of();
  private @Nullable ScheduledFuture<?> ticking;
  private boolean closed;

  StreamPushes(StreamKey stream, EventLoop loop, Feed feed, PushSettings settings) {
    this.stream = stream;
    this.loop = loop;
    this.feed = feed;
    this.settings = settings;
  }

  @Override
  public void follow(List<PushTarget> targets) {
    assert loop.inEventLoop();
    if (closed) {
      return;
    }
    Map<PushTarget, Push> next = new LinkedHashMap<>();
    for (PushTarget target : targets) {
      Push push = pushes.remove(target);
      next.put(target, push == null ? new Push(stream, target, loop, feed, settings) : push);
    }
    pushes.values().forEach(push -> push.close("it is not configured any more"));
    pushes = next;
    current = List.copyOf(next.values());
    if (current.isEmpty()) {
      stop();
    } else if (ticking == null) {
      feed.subscribe(this);
      ticking = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void accept(TrackEvent event) {
    for (Push push : current) {
      push.accept(event.retain());
    }
    event.release();
  }

  private void tick() {
    current.forEach(Push::tick);
  }

  @Override
  public void close(String reason) {
    assert loop.inEventLoop();
    closed = true;
    current.forEach(push -> push.close(reason));
    pushes.clear();
    current = List.of();
    stop();
  }

  private void stop() {
    if (ticking != null) {
      ticking.cancel(false);
      ticking = null;
      feed.unsubscribe(this);
    }
  }

  @Override
  public List<PushStats> stats() {
    return current.stream().map(Push::stats).toList();
  }
}
