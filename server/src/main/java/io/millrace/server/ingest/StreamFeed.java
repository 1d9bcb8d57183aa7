package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.server.live.ActiveStream;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.internal.PlatformDependent;
import java.util.Queue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a session receives on its connection's event loop to the stream's, where the two
 * differ; at most {@link #MAX_IN_FLIGHT_BYTES} are on the way at a time. Payloads keep their order,
 * and a task runs behind all payloads that were given before it; a payload may overtake a task
 * while others are on the way. Called on the connection's loop.
 */
final class StreamFeed {
  private static final Logger LOG = LoggerFactory.getLogger(StreamFeed.class);
  private static final long MAX_IN_FLIGHT_BYTES = 32L << 20;
  private static final int MAX_IN_FLIGHT_PAYLOADS = 1 << 15;

  /** How the session ends. Any thread. */
  interface Session {
    String sessionId();

    /** The media is not taken; {@code text} is for the person at the encoder. */
    void reject(String text);

    void close(String reason);
  }

  private final ActiveStream stream;
  private final Session session;
  private final Consumer<ByteBuf> taker;
  private final AtomicLong inFlightBytes = new AtomicLong();
  private @Nullable Handover handover;

  /**
   * @param taker of {@link #payload}s, on the stream's loop; takes them over
   */
  StreamFeed(ActiveStream stream, Session session, Consumer<ByteBuf> taker) {
    this.stream = stream;
    this.session = session;
    this.taker = taker;
  }

  /** A feed of nothing but tasks. */
  StreamFeed(ActiveStream stream, Session session) {
    this(stream, session, ByteBuf::release);
  }

  ActiveStream stream() {
    return stream;
  }

  /**
   * Runs {@code task} at once where both loops are one, so that its exception reaches the caller;
   * otherwise later, and the exception ends the session.
   *
   * @param sizeBytes what the task holds
   * @return false when it will never run
   */
  boolean run(int sizeBytes, Runnable task) {
    EventLoop loop = stream.loop();
    if (loop.inEventLoop()) {
      task.run();
      return true;
    }
    if (inFlightBytes.addAndGet(sizeBytes) > MAX_IN_FLIGHT_BYTES) {
      closeOverrun();
    }
    try {
      loop.execute(
          () -> {
            inFlightBytes.addAndGet(-sizeBytes);
            guarded(task);
          });
      return true;
    } catch (RejectedExecutionException e) {
      session.close("server is shutting down");
      return false;
    }
  }

  /**
   * Gives a payload to the taker, as {@link #run} would by a task, but as many as there are by one
   * task, and without an object for each. Takes the payload.
   */
  void payload(ByteBuf payload) {
    EventLoop loop = stream.loop();
    if (loop.inEventLoop()) {
      taker.accept(payload);
      return;
    }
    Handover handed = handover;
    if (handed == null) {
      handed = new Handover(loop);
      handover = handed;
    }
    handed.add(payload);
  }

  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException failure) {
    if (failure instanceof MediaFormatException media) {
      session.reject(String.valueOf(media.getMessage()));
      return;
    }
    LOG.atError()
        .addKeyValue("session", session.sessionId())
        .setCause(failure)
        .log("publisher ended by a fault of the server");
    session.close("internal error");
  }

  private void closeOverrun() {
    session.close("the server cannot keep up with this publisher");
  }

  /** Payloads between two loops. */
  private final class Handover implements Runnable {
    private final Queue<ByteBuf> payloads = PlatformDependent.newMpscQueue(MAX_IN_FLIGHT_PAYLOADS);
    private final EventLoop loop;

    /** Whether this is submitted or runs. */
    private final AtomicBoolean busy = new AtomicBoolean();

    private Handover(EventLoop loop) {
      this.loop = loop;
    }

    private void add(ByteBuf payload) {
      long inFlight = inFlightBytes.addAndGet(payload.readableBytes());
      if (!payloads.offer(payload)) {
        inFlightBytes.addAndGet(-payload.readableBytes());
        payload.release();
        closeOverrun();
        return;
      }
      if (inFlight > MAX_IN_FLIGHT_BYTES) {
        closeOverrun();
      }
      if (busy.compareAndSet(false, true)) {
        try {
          loop.execute(this);
        } catch (RejectedExecutionException e) {
          for (ByteBuf late = payloads.poll(); late != null; late = payloads.poll()) {
            late.release();
          }
          busy.set(false);
          session.close("server is shutting down");
        }
      }
    }

    @Override
    public void run() {
      do {
        for (ByteBuf next = payloads.poll(); next != null; next = payloads.poll()) {
          inFlightBytes.addAndGet(-next.readableBytes());
          try {
            taker.accept(next);
          } catch (RuntimeException e) {
            failed(e);
          }
        }
        busy.set(false);
        // One that came just now has submitted nothing, and what comes behind it must stay there.
      } while (!payloads.isEmpty() && busy.compareAndSet(false, true));
    }
  }
}
