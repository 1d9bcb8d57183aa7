package io.millrace.server.ingest;

import io.millrace.media.StreamKey;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventType;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.InputRole;
import io.millrace.transport.srt.EndReason;
import io.millrace.transport.srt.SrtCall;
import io.millrace.transport.srt.SrtCaller;
import io.millrace.transport.srt.SrtPublicationListener;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls an SRT source and feeds a stream from it; calls again, with growing pauses, whenever it is
 * not there or has gone. Confined to its event loop; {@link #close} from any thread.
 */
public final class SrtPull implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SrtPull.class);
  private static final long FIRST_PAUSE_MS = 500;
  private static final long LONGEST_PAUSE_MS = 10_000;

  private final Streams streams;
  private final StreamKey key;
  private final SrtPullUrl url;
  private final InputRole role;
  private final EventLoop loop;
  private long pauseMs = FIRST_PAUSE_MS;
  private int number;
  private @Nullable Attempt current;
  private @Nullable ScheduledFuture<?> next;
  private boolean closed;

  private SrtPull(Streams streams, StreamKey key, SrtPullUrl url, InputRole role, EventLoop loop) {
    this.streams = streams;
    this.key = key;
    this.url = url;
    this.role = role;
    this.loop = loop;
  }

  /**
   * Starts calling.
   *
   * @param source an {@code srt://} URL with {@code streamid}, {@code passphrase}, {@code pbkeylen}
   *     and {@code latency} (ms) as its parameters; may hold secrets
   * @param role which input of the stream it is
   * @param loop borrowed
   * @throws IllegalArgumentException when a parameter cannot be used; says which, and no secret
   */
  public static SrtPull start(
      Streams streams, StreamKey key, URI source, InputRole role, EventLoop loop) {
    SrtPull pull = new SrtPull(streams, key, SrtPullUrl.parse(source), role, loop);
    loop.execute(pull::call);
    return pull;
  }

  private void call() {
    if (closed) {
      return;
    }
    Attempt attempt =
        new Attempt(
            "srt-pull-" + key + "-" + role.name().toLowerCase(Locale.ROOT) + "-" + number++);
    current = attempt;
    SrtCaller.connect(loop, url.address(), url.settings(), attempt)
        .whenComplete(
            (call, failure) -> {
              if (call != null) {
                attempt.connected(call);
              } else {
                loop.execute(() -> lost(attempt, String.valueOf(failure.getMessage())));
              }
            });
  }

  private void lost(Attempt attempt, String reason) {
    if (current != attempt || closed) {
      return;
    }
    current = null;
    streams
        .events()
        .say(
            LOG,
            EventNote.warn(EventType.PULL_FAILED, key, "source cannot be pulled")
                .with("source", url.place())
                .with("reason", reason)
                .with("again_in_ms", pauseMs));
    next = loop.schedule(this::call, pauseMs, TimeUnit.MILLISECONDS);
    pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
  }

  /** Ends the call and calls no more. */
  @Override
  public void close() {
    loop.execute(
        () -> {
          closed = true;
          if (next != null) {
            next.cancel(false);
          }
          if (current != null) {
            current.close("no longer pulled");
          }
        });
  }

  /** One call, from the first packet to its end. */
  private final class Attempt implements SrtPublicationListener, SrtSession.Link {
    private final String sessionId;
    private final SrtSession session = new SrtSession(this, Instant.now(), System.nanoTime());
    private volatile @Nullable SrtCall call;
    private boolean started;

    Attempt(String sessionId) {
      this.sessionId = sessionId;
    }

    /** On the loop, before anything is received. */
    void connected(SrtCall answered) {
      call = answered;
      if (closed) {
        answered.close("no longer pulled");
        return;
      }
      try {
        ActiveStream stream = streams.claim(key, session, loop);
        session.start(stream);
        started = true;
        pauseMs = FIRST_PAUSE_MS;
        streams
            .events()
            .say(
                LOG,
                EventNote.info(EventType.STREAM_PUBLISHED, key, "source pulled")
                    .with("session", sessionId)
                    .with("protocol", session.protocol())
                    .with("remote", url.place()));
      } catch (StreamUnavailableException e) {
        answered.close(e.text());
        lost(this, e.text());
      }
    }

    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      if (started) {
        session.onPayload(payload, sourceTimeUs);
      } else {
        payload.release();
      }
    }

    @Override
    public void onEnd(EndReason reason) {
      if (started) {
        session.onEnd(reason);
      }
      lost(this, reason.text());
    }

    @Override
    public String sessionId() {
      return sessionId;
    }

    @Override
    public InetSocketAddress remote() {
      return url.address();
    }

    @Override
    public String peer() {
      return "pulled";
    }

    @Override
    public Map<String, String> parameters() {
      return Map.of(InputRoles.PARAMETER, role.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public EventLoop eventLoop() {
      return loop;
    }

    @Override
    public void close(String reason) {
      SrtCall answered = call;
      if (answered != null) {
        answered.close(reason);
      }
    }

    @Override
    public CompletionStage<SrtStatistics> statistics() {
      SrtCall answered = call;
      if (answered == null) {
        throw new IllegalStateException("not connected");
      }
      return answered.statistics();
    }
  }
}
