package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.ReconnectRequest;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real SIGTERM to the server's process, while a publisher is there. */
@Timeout(60)
class DrainBySignalTest {
  /** Publishers are given two seconds to leave; the rest is for a busy machine. */
  private static final long END_LIMIT_S = 20;

  private static final Duration LIMIT = Duration.ofSeconds(END_LIMIT_S);

  @TempDir Path folder;

  /**
   * Enhanced RTMP v2, "Reconnect Request": the client said in {@code connect} that it understands
   * it. One that is told leaves, and nothing keeps the process; nor does one that stays.
   */
  @Test
  void sigtermAsksEnhancedRtmpPublishersToReconnectAndTheProcessEndsWithZero() throws Exception {
    Loops loops = Loops.open(1, "client");
    try (RunningServer server =
        RunningServer.start(folder, RunningServer.PASSTHROUGH, "grace: 0s")) {
      RtmpTarget target = RtmpTarget.parse(server.rtmp("/live/told").toString());
      RtmpPublisher told = publish(loops, target);
      RtmpPublisher stays = publish(loops, RtmpTarget.parse(server.rtmp("/live/stays").toString()));
      assertThat(told.serverCapabilities().reconnect()).isTrue();
      assertThat(told.reconnectRequested().toCompletableFuture()).isNotDone();

      CompletableFuture<Integer> ended = server.terminate();

      ReconnectRequest request =
          told.reconnectRequested().toCompletableFuture().get(END_LIMIT_S, TimeUnit.SECONDS);
      assertThat(request.target()).as("where it is").isEqualTo(target);
      assertThat(request.description()).contains("restarting");
      assertThat(ended).as("publishers have a while to leave").isNotDone();
      told.close();
      stays.reconnectRequested().toCompletableFuture().get(END_LIMIT_S, TimeUnit.SECONDS);
      assertThat(ended.get(END_LIMIT_S, TimeUnit.SECONDS)).as(server.log()).isZero();
      stays.ended().toCompletableFuture().get(END_LIMIT_S, TimeUnit.SECONDS);
      Await.until("the log says why", LIMIT, () -> server.log().contains("stopping"));
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }
  }

  private static RtmpPublisher publish(Loops loops, RtmpTarget target) throws Exception {
    RtmpPublisher publisher =
        RtmpPublisher.publish(loops, target, null, RtmpPublisherSettings.defaults())
            .toCompletableFuture()
            .get(END_LIMIT_S, TimeUnit.SECONDS);
    publisher.metadata(Map.of("encoder", "drain test"));
    return publisher;
  }
}
