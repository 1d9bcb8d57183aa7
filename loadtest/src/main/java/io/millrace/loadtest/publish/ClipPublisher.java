package io.millrace.loadtest.publish;

import io.millrace.loadtest.publish.FlvClip.Tag;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.EndReason;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import io.netty.handler.ssl.SslContext;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sends one clip again and again in real time, timestamps going on; decoder configurations once.
 * Confined to its connection's event loop, but for {@link #stats} and {@link #stop}.
 */
public final class ClipPublisher {
  private static final long MAX_TIMESTAMP = 0xFFFF_FFFFL;

  private final RtmpPublisher connection;
  private final FlvClip clip;
  private final long startTimestampMs;
  private final Sent sent;
  private final LongAdder messages = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private volatile long worstLagMs;
  private volatile @Nullable EndReason end;
  private long startNs;
  private int next;
  private long loopStartMs;

  /**
   * What one publisher has done so far.
   *
   * @param messages audio and video messages sent
   * @param bytes of their bodies
   * @param dropped messages that found the connection backed up
   * @param worstLagMs the latest that a message was sent after its time
   * @param end why it is over; null while it goes on
   */
  public record Stats(
      long messages, long bytes, long dropped, long worstLagMs, @Nullable EndReason end) {}

  /** Told of each message when it is given to the connection, on its event loop. */
  @FunctionalInterface
  public interface Sent {
    /**
     * @param timeMs since the first message
     * @param atNs {@link System#nanoTime} before it was sent
     */
    void message(FlvClip.Kind kind, long timeMs, long atNs);
  }

  private ClipPublisher(RtmpPublisher connection, FlvClip clip, long startMs, Sent sent) {
    this.connection = connection;
    this.clip = clip;
    this.startTimestampMs = startMs;
    this.sent = sent;
  }

  /**
   * Connects and begins to send.
   *
   * @param loops borrowed
   * @param tls borrowed; for rtmps
   * @return fails when the server does not take it
   */
  public static CompletionStage<ClipPublisher> start(
      Loops loops, RtmpTarget target, @Nullable SslContext tls, FlvClip clip) {
    return start(loops, target, tls, clip, 0, (_, _, _) -> {});
  }

  /**
   * The same, with timestamps that begin elsewhere.
   *
   * @param startMs the first timestamp; they wrap at 32 bits
   */
  public static CompletionStage<ClipPublisher> start(
      Loops loops, RtmpTarget target, @Nullable SslContext tls, FlvClip clip, long startMs) {
    return start(loops, target, tls, clip, startMs, (_, _, _) -> {});
  }

  /** The same, watched. */
  public static CompletionStage<ClipPublisher> start(
      Loops loops,
      RtmpTarget target,
      @Nullable SslContext tls,
      FlvClip clip,
      long startMs,
      Sent sent) {
    return RtmpPublisher.publish(loops, target, tls, RtmpPublisherSettings.defaults())
        .thenApply(
            connection -> {
              ClipPublisher publisher = new ClipPublisher(connection, clip, startMs, sent);
              connection.ended().thenAccept(reason -> publisher.end = reason);
              connection.eventLoop().execute(publisher::begin);
              return publisher;
            });
  }

  public Stats stats() {
    return new Stats(messages.sum(), bytes.sum(), dropped.sum(), worstLagMs, end);
  }

  /** Bytes of bodies that wait for the socket: more than a few where the server does not read. */
  public long pendingBytes() {
    return connection.pendingBytes();
  }

  /** Goes away as a power cut would; completes when the connection is closed. */
  public CompletionStage<EndReason> abort() {
    return connection.abort();
  }

  /** Unpublishes; completes when the connection is closed. */
  public CompletionStage<EndReason> stop() {
    return connection.unpublish();
  }

  private void begin() {
    startNs = System.nanoTime();
    sendDue();
  }

  @SuppressWarnings("FutureReturnValueIgnored") // of the loop, which ends with the process
  private void sendDue() {
    long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    while (end == null) {
      Tag tag = clip.tags().get(next);
      long dueMs = loopStartMs + tag.timestampMs();
      if (dueMs > elapsedMs) {
        connection.eventLoop().schedule(this::sendDue, dueMs - elapsedMs, TimeUnit.MILLISECONDS);
        return;
      }
      if (loopStartMs == 0 || !tag.isConfiguration()) {
        worstLagMs = Math.max(worstLagMs, elapsedMs - dueMs);
        send(tag, dueMs);
      }
      if (++next == clip.tags().size()) {
        next = 0;
        loopStartMs += clip.durationMs();
      }
    }
  }

  private void send(Tag tag, long dueMs) {
    var body = tag.body().retainedDuplicate();
    int sizeBytes = body.readableBytes();
    sent.message(tag.kind(), dueMs, System.nanoTime());
    boolean taken =
        switch (tag.kind()) {
          case VIDEO -> connection.video((startTimestampMs + dueMs) & MAX_TIMESTAMP, body);
          case AUDIO -> connection.audio((startTimestampMs + dueMs) & MAX_TIMESTAMP, body);
        };
    if (taken) {
      messages.increment();
      bytes.add(sizeBytes);
    } else {
      dropped.increment();
    }
  }
}
