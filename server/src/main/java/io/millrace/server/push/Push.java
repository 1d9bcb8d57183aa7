package io.millrace.server.push;

import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackSink;
import io.millrace.server.config.PushTarget;
import io.millrace.server.config.PushTarget.Enhanced;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventType;
import io.millrace.server.live.PushStats;
import io.millrace.server.live.PushStats.State;
import io.millrace.server.live.Pushes.Feed;
import io.netty.channel.EventLoop;
import java.time.Instant;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream to one server, while it has media: connects, sends, and after a failure connects
 * again, with growing pauses.
 *
 * <pre>
 *  WAITING ── media, and the pause is over ──► CONNECTING ── taken ──► LIVE
 *     ▲                                           │                     │
 *     ├── refused, not there (pause) ─────────────┘                     │
 *     ├── gone, takes nothing (pause) ──────────────────────────────────┤
 *     └── unpublished by us: no media, another format (no pause) ───────┘
 * </pre>
 *
 * <p>A stream that has no media for less than {@link #SILENT_AFTER_NS} goes on where it was, with a
 * hole in its timestamps; after that it is unpublished, and published again when media comes.
 *
 * <p>Confined to the stream's loop, but for {@link #stats}.
 */
final class Push implements TrackSink {
  private static final Logger LOG = LoggerFactory.getLogger(Push.class);

  /** Servers end a publisher that is silent for longer, Millrace itself after 15 s. */
  static final long SILENT_AFTER_NS = TimeUnit.SECONDS.toNanos(10);

  /** That it is too slow is said again when it has not been for so long. */
  private static final long BEHIND_AGAIN_NS = TimeUnit.SECONDS.toNanos(60);

  /** How long a server may take to hear that a stream is unpublished. */
  private static final long FAREWELL_NS = TimeUnit.SECONDS.toNanos(5);

  private static final String NO_MEDIA = "no publisher";

  private final StreamKey stream;
  private final PushTarget target;
  private final EventLoop loop;
  private final Feed feed;
  private final PushSettings settings;
  private final PushBackOff backOff;

  private State state = State.WAITING;
  private String reason = NO_MEDIA;
  private Instant since;

  /** Changes with every connection, so that what is late of an earlier one is known. */
  private int attempt;

  private @Nullable PushLink link;
  private @Nullable PushConnection connection;
  private boolean leaving;
  private boolean placed;
  private boolean closed;
  private boolean hasMedia;
  private long mediaNs;
  private long liveNs;
  private long retryNs;
  private long behindNs;
  private boolean behindSaid;
  private long toldDrops;
  private String toldReason = "";

  // Of connections that are over.
  private long bytes;
  private long droppedSamples;
  private long drops;

  private long connections;
  private long failures;
  private volatile PushStats stats;

  Push(StreamKey stream, PushTarget target, EventLoop loop, Feed feed, PushSettings settings) {
    this.stream = stream;
    this.target = target;
    this.loop = loop;
    this.feed = feed;
    this.settings = settings;
    this.backOff = settings.backOff().get();
    this.retryNs = settings.clockNs().getAsLong();
    this.since = settings.clock().instant();
    this.stats = snapshot();
  }

  /** Any thread. */
  PushStats stats() {
    return stats;
  }

  @Override
  public void accept(TrackEvent event) {
    if (event instanceof Sample) {
      hasMedia = true;
      mediaNs = settings.clockNs().getAsLong();
    }
    if (connection == null) {
      event.release();
    } else {
      connection.accept(event);
    }
  }

  /** Looks after everything that takes time; a few times a second, not while an event is given. */
  void tick() {
    long nowNs = settings.clockNs().getAsLong();
    boolean silent = !hasMedia || nowNs - mediaNs > SILENT_AFTER_NS;
    switch (state) {
      case WAITING -> {
        if (!silent && !leaving && nowNs - retryNs >= 0) {
          connect();
        } else if (silent && !leaving && !reason.equals(NO_MEDIA) && nowNs - retryNs >= 0) {
          enter(State.WAITING, NO_MEDIA);
        }
      }
      case CONNECTING -> {}
      case LIVE -> look(nowNs, silent);
    }
    stats = snapshot();
  }

  private void look(long nowNs, boolean silent) {
    PushConnection sending = connection;
    if (sending == null) {
      return;
    }
    sending.drain();
    if (sending.unsupported() != null) {
      lost(sending.unsupported(), true);
    } else if (sending.changed() != null) {
      leave("the format changes: " + sending.changed());
    } else if (silent) {
      leave(NO_MEDIA);
    } else if (sending.isStalled()) {
      lost("it has taken nothing for 20 s", false);
    } else if (drops + sending.drops() > toldDrops) {
      behind(nowNs, sending);
    } else if (behindSaid && nowNs - behindNs > BEHIND_AGAIN_NS) {
      behindSaid = false;
    }
  }

  private void behind(long nowNs, PushConnection sending) {
    toldDrops = drops + sending.drops();
    behindNs = nowNs;
    if (!behindSaid) {
      behindSaid = true;
      say(
          EventNote.warn(
                  EventType.PUSH_BEHIND,
                  stream,
                  "server is too slow for what is pushed to it, up to a key frame is dropped")
              .with("target", target.place())
              .with("dropped_samples", droppedSamples + sending.droppedSamples()));
    }
  }

  private void connect() {
    StreamKey other = settings.places().take(target, stream);
    if (other != null) {
      failed(other + " is pushed to the same place", 0);
      return;
    }
    placed = true;
    int mine = ++attempt;
    enter(State.CONNECTING, reason.equals(NO_MEDIA) ? "" : reason);
    settings
        .connector()
        .connect(target)
        .whenComplete(
            (opened, failure) -> {
              if (opened != null) {
                onLoop(() -> connected(mine, opened), opened);
              } else {
                onLoop(() -> refused(mine, failure), null);
              }
            });
  }

  /** A connection that comes when the loop is gone is cut. */
  private void onLoop(Runnable task, @Nullable PushLink opened) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      if (opened != null) {
        var unused = opened.abort();
      }
    }
  }

  private void refused(int mine, Throwable failure) {
    if (mine == attempt && !closed) {
      Throwable cause = failure.getCause() == null ? failure : failure.getCause();
      failed(shown(String.valueOf(cause.getMessage())), 0);
    }
  }

  private void connected(int mine, PushLink opened) {
    if (mine != attempt || closed) {
      farewell(opened);
      return;
    }
    link = opened;
    connection =
        new PushConnection(opened, target.enhanced() == Enhanced.ALWAYS, settings.clockNs());
    liveNs = settings.clockNs().getAsLong();
    opened
        .ended()
        .thenAccept(
            end -> onLoop(() -> ended(mine, "the server has ended it: " + end.text()), null));
    feed.replay(connection);
    if (connection.unsupported() != null) {
      lost(connection.unsupported(), true);
      return;
    }
    connections++;
    toldReason = "";
    enter(State.LIVE, "");
    say(
        EventNote.info(EventType.PUSH_STARTED, stream, "stream is pushed")
            .with("target", target.place())
            .with("connection", connections));
  }

  private void ended(int mine, String why) {
    if (mine == attempt && link != null && !closed) {
      lost(shown(why), false);
    }
  }

  /** The connection is of no use any more, and will be tried again after a pause. */
  private void lost(@Nullable String why, boolean politely) {
    long upNs = settings.clockNs().getAsLong() - liveNs;
    PushLink over = forget();
    if (over != null && politely) {
      farewell(over);
    } else if (over != null) {
      var unused = over.abort();
    }
    failed(String.valueOf(why), upNs);
  }

  private void failed(String why, long upNs) {
    failures++;
    long pauseNs = backOff.failed(upNs);
    retryNs = settings.clockNs().getAsLong() + pauseNs;
    giveUpPlace();
    enter(State.WAITING, why);
    if (!toldReason.equals(why)) {
      toldReason = why;
      say(
          EventNote.warn(EventType.PUSH_FAILED, stream, "stream cannot be pushed, trying again")
              .with("target", target.place())
              .with("reason", why)
              .with("again_in_ms", TimeUnit.NANOSECONDS.toMillis(pauseNs)));
    }
  }

  /** Unpublishes; what follows may be published at once when the server has heard of it. */
  private void leave(String why) {
    PushLink over = forget();
    enter(State.WAITING, why);
    retryNs = settings.clockNs().getAsLong();
    say(
        EventNote.info(EventType.PUSH_ENDED, stream, "stream is not pushed any more")
            .with("target", target.place())
            .with("reason", why));
    if (over == null) {
      giveUpPlace();
      return;
    }
    leaving = true;
    over.ended().thenAccept(_ -> onLoop(this::left, null));
    farewell(over);
  }

  private void left() {
    leaving = false;
    giveUpPlace();
  }

  /** For good. */
  void close(String why) {
    closed = true;
    attempt++;
    boolean live = state == State.LIVE;
    PushLink over = forget();
    if (over == null) {
      giveUpPlace();
    } else {
      over.ended().thenAccept(_ -> onLoop(this::giveUpPlace, null));
      farewell(over);
    }
    if (live) {
      say(
          EventNote.info(EventType.PUSH_ENDED, stream, "stream is not pushed any more")
              .with("target", target.place())
              .with("reason", why));
    }
  }

  private @Nullable PushLink forget() {
    PushLink over = link;
    PushConnection sent = connection;
    link = null;
    connection = null;
    if (sent != null) {
      sent.close();
      bytes += sent.sentBytes();
      droppedSamples += sent.droppedSamples();
      drops += sent.drops();
      toldDrops = drops;
    }
    return over;
  }

  /** FCUnpublish and deleteStream; a server that does not even read them is cut off. */
  private void farewell(PushLink over) {
    var ended = over.unpublish().toCompletableFuture();
    var unused =
        loop.schedule(
            () -> {
              if (!ended.isDone()) {
                var _ = over.abort();
              }
            },
            FAREWELL_NS,
            TimeUnit.NANOSECONDS);
  }

  private void giveUpPlace() {
    if (placed) {
      placed = false;
      settings.places().leave(target, stream);
    }
  }

  /** What a server says may repeat the key that it was given. */
  private String shown(String text) {
    String key = target.key().secret();
    int query = key.indexOf('?');
    String masked = text.replace(key, "***");
    return query > 0 ? masked.replace(key.substring(0, query), "***") : masked;
  }

  private void enter(State next, String why) {
    if (next != state || !why.equals(reason)) {
      since = settings.clock().instant();
    }
    state = next;
    reason = why;
    stats = snapshot();
  }

  private void say(EventNote note) {
    settings.events().say(LOG, note);
  }

  private PushStats snapshot() {
    PushConnection sending = connection;
    return new PushStats(
        target.place(),
        state,
        reason,
        since,
        bytes + (sending == null ? 0 : sending.sentBytes()),
        droppedSamples + (sending == null ? 0 : sending.droppedSamples()),
        drops + (sending == null ? 0 : sending.drops()),
        connections,
        failures);
  }
}
