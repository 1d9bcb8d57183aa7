package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.server.live.ActiveStream;
import io.netty.channel.EventLoop;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what a session receives on its connection's event loop to the stream's, where the two
 * differ; at most {@link #MAX_IN_FLIGHT_BYTES} are on the way at a time.
 */
final class StreamFeed {
  private static final Logger LOG = LoggerFactory.getLogger(StreamFeed.class);
  private static final long MAX_IN_FLIGHT_BYTES = 32L << 20;

  /** How the session ends. Any thread. */
  interface Session {
    String sessionId();

    /** The media is not taken; {@code text} is for the person at the encoder. */
    void reject(String text);

    void close(String reason);
  }

  private final ActiveStream stream;
  private final Session session;
  private final AtomicLong inFlightBytes = new AtomicLong();

  StreamFeed(ActiveStream stream, Session session) {
    this.stream = stream;
    this.session = session;
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
      session.close("the server cannot keep up with this publisher");
    }
    try {
      loop.execute(() -> runHere(sizeBytes, task));
      return true;
    } catch (RejectedExecutionException e) {
      session.close("server is shutting down");
      return false;
    }
  }

  private void runHere(int sizeBytes, Runnable task) {
    inFlightBytes.addAndGet(-sizeBytes);
    try {
      task.run();
    } catch (MediaFormatException e) {
      session.reject(String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("session", session.sessionId())
          .setCause(e)
          .log("publisher ended by a fault of the server");
      session.close("internal error");
    }
  }
}
