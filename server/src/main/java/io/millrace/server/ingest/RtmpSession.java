package io.millrace.server.ingest;

import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.InputRole;
import io.millrace.server.live.Publisher;
import io.millrace.transport.rtmp.EndReason;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.RtmpPublication;
import io.millrace.transport.rtmp.RtmpPublicationListener;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One RTMP publisher of one stream. Messages arrive on the connection's event loop and are handled
 * on the stream's.
 */
final class RtmpSession implements RtmpPublicationListener, Publisher, StreamFeed.Session {
  private final RtmpPublication publication;
  private final Instant since;
  private volatile long lastMediaNanos;
  private @Nullable StreamFeed feed;
  private Runnable atEnd = () -> {};

  // On the stream's loop only.
  private @Nullable MediaIngest ingest;

  RtmpSession(RtmpPublication publication, Instant since, long nowNanos) {
    this.publication = publication;
    this.since = since;
    this.lastMediaNanos = nowNanos;
  }

  /** Starts delivering to {@code stream}, which this session has claimed. */
  void start(ActiveStream claimed) {
    feed = new StreamFeed(claimed, this);
    var unused =
        feed.run(
            0,
            () -> {
              claimed.begin(this);
              ingest = new MediaIngest(0, event -> claimed.accept(this, event));
            });
  }

  /** Has something done when the connection has ended, on its event loop. */
  void whenEnded(Runnable action) {
    atEnd = action;
  }

  @Override
  public void onMetadata(Map<String, Object> metadata) {
    var unused = feed().run(0, () -> ingest().metadata(metadata));
  }

  @Override
  public void onData(String name, long timestampMs, Map<String, Object> said, int sizeBytes) {
    var unused = feed().run(sizeBytes, () -> ingest().data(name, timestampMs, said));
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
    atEnd.run();
    ActiveStream stream = feed().stream();
    var unused = feed().run(0, () -> stream.end(this, reason.text()));
  }

  private void media(ByteBuf body, Runnable task) {
    boolean taken =
        feed()
            .run(
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

  private StreamFeed feed() {
    StreamFeed started = feed;
    if (started == null) {
      throw new IllegalStateException("session has not started");
    }
    return started;
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
  public void reject(String text) {
    publication.reject(PublishDecision.REJECTED, text);
  }

  @Override
  public void close(String reason) {
    publication.close(reason);
  }
}
