package io.millrace.server;

import io.millrace.codec.testsource.TestSource;
import io.millrace.codec.testsource.TestSourceSettings;
import io.millrace.server.push.RtmpTracks;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The built-in publisher: a test picture with a clock and a tone, encoded here and pushed over RTMP
 * to this server like anybody else's. It publishes again when it was ended; a thread of its own
 * keeps the pace.
 */
final class DemoPublisher implements AutoCloseable {
  /** What it publishes to. */
  static final String STREAM = "live/demo";

  private static final Logger LOG = LoggerFactory.getLogger(DemoPublisher.class);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int CONNECT_SECONDS = 10;

  private final Loops loops;
  private final RtmpTarget target;
  private final Thread thread;
  private volatile boolean closed;

  private DemoPublisher(Loops loops, RtmpTarget target) {
    this.loops = loops;
    this.target = target;
    this.thread = Thread.ofPlatform().name("demo-publisher").daemon().unstarted(this::run);
  }

  /**
   * Starts publishing to an RTMP listener of this process.
   *
   * @param loops borrowed
   * @param port of the listener, on loopback
   */
  static DemoPublisher start(Loops loops, String host, int port) {
    String url = "rtmp://" + (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    DemoPublisher publisher = new DemoPublisher(loops, RtmpTarget.parse(url + "/" + STREAM));
    publisher.thread.start();
    return publisher;
  }

  private void run() {
    while (!closed) {
      try {
        publish();
      } catch (InterruptedException e) {
        return;
      } catch (ExecutionException | TimeoutException | RuntimeException e) {
        LOG.atWarn()
            .addKeyValue("target", target)
            .addKeyValue("reason", e.getMessage())
            .log("demo publisher interrupted, publishing again");
      }
      LockSupport.parkNanos(RETRY_NANOS);
    }
  }

  private void publish() throws InterruptedException, ExecutionException, TimeoutException {
    try (RtmpPublisher connection =
        RtmpPublisher.publish(loops, target, null, RtmpPublisherSettings.defaults())
            .toCompletableFuture()
            .get(CONNECT_SECONDS, TimeUnit.SECONDS)) {
      CompletableFuture<?> ended = connection.ended().toCompletableFuture();
      TestSourceSettings settings = TestSourceSettings.hd(Instant.now());
      long startNanos = System.nanoTime();
      try (TestSource source = new TestSource(settings, new RtmpTracks(connection))) {
        connection.metadata(
            Map.of(
                "width", (double) settings.width(),
                "height", (double) settings.height(),
                "framerate", settings.frameRate().toDouble()));
        while (!closed && !ended.isDone()) {
          long now = System.nanoTime() - startNanos;
          source.advanceTo(now + 1);
          LockSupport.parkNanos(startNanos + source.nextPictureNs() - System.nanoTime());
        }
      }
    }
  }

  /** Ends the publication and waits for the thread. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(TimeUnit.SECONDS.toMillis(CONNECT_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
