package io.millrace.server.ingest;

import io.millrace.media.mpegts.TsDemuxer;
import io.millrace.server.live.ActiveStream;
import io.millrace.server.live.InputRole;
import io.millrace.server.live.Publisher;
import io.millrace.transport.srt.EndReason;
import io.millrace.transport.srt.SrtPublicationListener;
import io.millrace.transport.srt.flow.SrtStatistics;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One SRT publisher of one stream. Payloads arrive on the connection's event loop and are handled
 * on the stream's.
 */
final class SrtSession implements SrtPublicationListener, Publisher, StreamFeed.Session {
  private static final Logger LOG = LoggerFactory.getLogger(SrtSession.class);
  private static final String PROGRAM_PARAMETER = "program";
  private static final long STATISTICS_MS = 1_000;

  /** The connection, whichever side has called. Any thread. */
  interface Link {
    String sessionId();

    InetSocketAddress remote();

    /** What the peer says that it is. */
    String peer();

    /** Parameters of the stream id or URL. */
    Map<String, String> parameters();

    EventLoop eventLoop();

    void close(String reason);

    CompletionStage<SrtStatistics> statistics();
  }

  private final Link link;
  private final Instant since;
  private volatile long lastMediaNanos;
  private volatile long bytesReceived;
  private volatile Map<String, Number> statistics = Map.of();
  private @Nullable StreamFeed feed;
  private @Nullable ScheduledFuture<?> refresh;
  private Runnable atEnd = () -> {};

  // On the stream's loop only.
  private @Nullable TsIngest ingest;

  SrtSession(Link link, Instant since, long nowNanos) {
    this.link = link;
    this.since = since;
    this.lastMediaNanos = nowNanos;
  }

  /** Starts delivering to {@code stream}, which this session has claimed. On the link's loop. */
  void start(ActiveStream claimed) {
    feed = new StreamFeed(claimed, this, this::take);
    var unused =
        feed.run(
            0,
            () -> {
              claimed.begin(this);
              ingest = new TsIngest(0, program(), event -> claimed.accept(this, event), this::note);
            });
    refresh =
        link.eventLoop()
            .scheduleAtFixedRate(
                this::refreshStatistics, STATISTICS_MS, STATISTICS_MS, TimeUnit.MILLISECONDS);
  }

  /** Has something done when the connection has ended, on its event loop. */
  void whenEnded(Runnable action) {
    atEnd = action;
  }

  private int program() {
    String number = link.parameters().get(PROGRAM_PARAMETER);
    return number != null && number.matches("[0-9]{1,5}")
        ? Integer.parseInt(number)
        : TsDemuxer.ANY_PROGRAM;
  }

  private void note(String text) {
    LOG.atInfo()
        .addKeyValue("stream", feed().stream().key())
        .addKeyValue("session", sessionId())
        .addKeyValue("note", text)
        .log("transport stream");
  }

  private void refreshStatistics() {
    var unused =
        link.statistics()
            .whenComplete(
                (snapshot, failure) -> {
                  if (snapshot != null) {
                    statistics = RecordFigures.of(snapshot);
                  }
                });
  }

  @Override
  public void onPayload(ByteBuf payload, long sourceTimeUs) {
    lastMediaNanos = System.nanoTime();
    bytesReceived += payload.readableBytes(); // one writer
    feed().payload(payload);
  }

  /** On the stream's loop. */
  private void take(ByteBuf payload) {
    try {
      ingest().accept(payload);
    } finally {
      payload.release();
    }
  }

  @Override
  public void onEnd(EndReason reason) {
    atEnd.run();
    if (refresh != null) {
      refresh.cancel(false);
    }
    ActiveStream stream = feed().stream();
    var unused =
        feed()
            .run(
                0,
                () -> {
                  try {
                    ingest().end();
                  } finally {
                    ingest().close();
                    stream.end(this, reason.text());
                  }
                });
  }

  private StreamFeed feed() {
    StreamFeed started = feed;
    if (started == null) {
      throw new IllegalStateException("session has not started");
    }
    return started;
  }

  private TsIngest ingest() {
    TsIngest started = ingest;
    if (started == null) {
      throw new IllegalStateException("session has not started");
    }
    return started;
  }

  @Override
  public String sessionId() {
    return link.sessionId();
  }

  @Override
  public String protocol() {
    return "srt";
  }

  @Override
  public @Nullable InputRole wishes() {
    return InputRoles.parse(link.parameters().get(InputRoles.PARAMETER));
  }

  @Override
  public InetSocketAddress remote() {
    return link.remote();
  }

  @Override
  public String encoder() {
    return link.peer();
  }

  @Override
  public Instant since() {
    return since;
  }

  @Override
  public long bytesReceived() {
    return bytesReceived;
  }

  @Override
  public long lastMediaNanos() {
    return lastMediaNanos;
  }

  @Override
  public Map<String, Number> transportStatistics() {
    return statistics;
  }

  @Override
  public void reject(String text) {
    LOG.atWarn()
        .addKeyValue("stream", feed().stream().key())
        .addKeyValue("session", sessionId())
        .addKeyValue("reason", text)
        .log("media not taken");
    link.close(text);
  }

  @Override
  public void close(String reason) {
    link.close(reason);
  }
}
