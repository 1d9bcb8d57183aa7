package io.millrace.server.ingest;

import io.millrace.media.MediaFormatException;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.InputRole;
import io.millrace.server.live.Publisher;
import io.millrace.transport.rtmp.EndReason;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.RtmpPublication;
import io.millrace.transport.rtmp.RtmpPublicationListener;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RTMP publisher of one stream. Messages arrive on the connection's event loop and are handled
 * on the stream's; where the two differ they hop, at most {@link #MAX_IN_FLIGHT_BYTES} of them at a
 * time.
 */
final class RtmpSession implements RtmpPublicationListener, Publisher {
  private static final Logger LOG = LoggerFactory.getLogger(RtmpSession.class);
  private static final long MAX_IN_FLIGHT_BYTES = 32L << 20;

  private final RtmpPublication publication;
  private final Instant since;
  private final AtomicLong inFlightBytes = new AtomicLong();
  private volatile long lastMediaNanos;
  private @Nullable ActiveStream stream;

  // On the stream's loop only.
  private @Nullable MediaIngest ingest;

  RtmpSession(RtmpPublication publication, Instant since, long nowNanos) {
    this.publication = publication;
    this.since = since;
    this.lastMediaNanos = nowNanos;
  }

  /** Starts delivering to {@code stream}, which this session has claimed. */
  void start(ActiveStream claimed) {
    stream = claimed;
    onStreamLoop(
        0,
        () -> {
          claimed.begin(this);
          ingest = new MediaIngest(0, event -> claimed.accept(this, event));
        });
  }

  @Override
  public void onMetadata(Map<String, Object> metadata) {
    onStreamLoop(0, () -> ingest().metadata(metadata));
  }

  @Override
  public void onVideo(long timestampMs, ByteBuf body) {
    lastMediaNanos = System.nanoTime();
    media(body, () -> ingest().video(timestampMs, body));
  }

  @Override
  public void onAudio(long timestampMs, ByteBuf body) {
    lastMediaNanos = System.nanoTime();
    media(body, () -> ingest().audio(timestampMs, body));
  }

  @Override
  public void onEnd(EndReason reason) {
    ActiveStream claimed = claimed();
    onStreamLoop(0, () -> claimed.end(this, reason.text()));
  }

  private void media(ByteBuf body, Runnable task) {
    boolean taken =
        onStreamLoop(
            body.readableBytes(),
            () -> {
              try {
                task.run();
              } finally {
                body.release();
              }
            });
    if (!taken) {
      body.release();
    }
  }

  /**
   * Runs {@code task} at once where both loops are one, so that its exception ends the session;
   * otherwise later. Returns false when it will never run.
   */
  private boolean onStreamLoop(int sizeBytes, Runnable task) {
    EventLoop loop = claimed().loop();
    if (loop.inEventLoop()) {
      task.run();
      return true;
    }
    if (inFlightBytes.addAndGet(sizeBytes) > MAX_IN_FLIGHT_BYTES) {
      publication.close("the server cannot keep up with this publisher");
    }
    try {
      loop.execute(
          () -> {
            inFlightBytes.addAndGet(-sizeBytes);
            try {
              task.run();
            } catch (MediaFormatException e) {
              publication.reject(PublishDecision.REJECTED, String.valueOf(e.getMessage()));
            } catch (RuntimeException e) {
              LOG.atError()
                  .addKeyValue("session", sessionId())
                  .setCause(e)
                  .log("publisher ended by a fault of the server");
              publication.close("internal error");
            }
          });
      return true;
    } catch (RejectedExecutionException e) {
      publication.close("server is shutting down");
      return false;
    }
  }

  private ActiveStream claimed() {
    ActiveStream claimed = stream;
    if (claimed == null) {
      throw new IllegalStateException("session has not started");
    }
    return claimed;
  }

  private MediaIngest ingest() {
    MediaIngest started = ingest;
    if (started == null) {
      throw new IllegalStateException("session has not started");
    }
    return started;
  }

  @Override
  public String sessionId() {
    return publication.sessionId();
  }

  @Override
  public String protocol() {
    return publication.request().secure() ? "rtmps" : "rtmp";
  }

  @Override
  public @Nullable InputRole wishes() {
    return InputRoles.parse(publication.request().query().get(InputRoles.PARAMETER));
  }

  @Override
  public InetSocketAddress remote() {
    return publication.request().remote();
  }

  @Override
  public String encoder() {
    return publication.request().encoder();
  }

  @Override
  public Instant since() {
    return since;
  }

  @Override
  public long bytesReceived() {
    return publication.bytesReceived();
  }

  @Override
  public long lastMediaNanos() {
    return lastMediaNanos;
  }

  @Override
  public void close(String reason) {
    publication.close(reason);
  }
}
