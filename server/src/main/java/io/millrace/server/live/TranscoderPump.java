package io.millrace.server.live;

import io.millrace.codec.VideoEncoders;
import io.millrace.codec.ladder.LadderPlan;
import io.millrace.codec.ladder.RungSinks;
import io.millrace.codec.ladder.Transcoder;
import io.millrace.codec.ladder.TranscoderListener;
import io.millrace.codec.ladder.TranscoderSettings;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackSink;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream's transcoder on a thread of its own, behind a bounded {@link Subscription}: whatever
 * decoding and encoding do, the stream's event loop and the passthrough rendition go on.
 */
final class TranscoderPump implements TrackSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TranscoderPump.class);
  private static final Duration MAX_LAG = Duration.ofSeconds(4);
  private static final long MAX_QUEUED_BYTES = 48L << 20;

  private final StreamKey key;
  private final Subscription subscription = new Subscription(MAX_LAG, MAX_QUEUED_BYTES);
  private final Thread thread;
  private volatile @Nullable Transcoder transcoder;

  TranscoderPump(
      StreamKey key,
      LadderPlan plan,
      RungSinks sinks,
      VideoEncoders encoders,
      TranscoderListener listener) {
    this.key = key;
    this.thread =
        Thread.ofPlatform()
            .name("transcode-" + key)
            .daemon()
            .unstarted(() -> run(plan, sinks, encoders, listener));
    thread.start();
  }

  @Override
  public void accept(TrackEvent event) {
    subscription.accept(event);
  }

  Subscription.Drops drops() {
    return subscription.drops();
  }

  /** The transcoder's counters; null before it runs. */
  @Nullable TranscoderStats stats() {
    Transcoder running = transcoder;
    return running == null ? null : running.stats();
  }

  private void run(
      LadderPlan plan, RungSinks sinks, VideoEncoders encoders, TranscoderListener listener) {
    try (Transcoder running =
        new Transcoder(key.toString(), plan, sinks, encoders, TranscoderSettings.LIVE, listener)) {
      transcoder = running;
      for (TrackEvent event = subscription.take(); event != null; event = subscription.take()) {
        running.accept(event);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.atError()
          .addKeyValue("stream", key)
          .setCause(e)
          .log("transcoder ended by a fault of the server");
      listener.sourceFailed(e);
    } finally {
      subscription.close();
    }
  }

  /** Ends the transcoder; returns at once, the thread finishes by itself. */
  @Override
  public void close() {
    subscription.close();
  }

  /** Waits for the thread. */
  void join(Duration timeout) throws InterruptedException {
    thread.join(timeout);
  }
}
