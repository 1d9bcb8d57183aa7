package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigLoader;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.ReconnectRequest;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What publishers are told when the server is asked to end, as by SIGTERM. */
@Timeout(60)
class DrainTest {
  @TempDir Path folder;

  @Test
  void publishersAreAskedToComeBackBeforeTheServerEnds() throws Exception {
    Config config =
        ConfigLoader.load(
                null,
                List.of(
                    "listen.rtmp=127.0.0.1:0",
                    "listen.rtmps=off",
                    "listen.srt=off",
                    "listen.https=off",
                    "listen.http=off",
                    "listen.admin=off",
                    "data.dir=" + folder))
            .config();
    Loops loops = Loops.open(1, "client");
    try (RunningServer server = RunningServer.start(config)) {
      RtmpTarget target =
          RtmpTarget.parse(
              "rtmp://127.0.0.1:" + server.addresses().get("rtmp").getPort() + "/live/drained");
      RtmpPublisher publisher =
          RtmpPublisher.publish(loops, target, null, RtmpPublisherSettings.defaults())
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      assertThat(publisher.reconnectRequested().toCompletableFuture()).isNotDone();
      CompletableFuture<Void> drained =
          CompletableFuture.runAsync(() -> server.drain(Duration.ofSeconds(1)));
      ReconnectRequest request =
          publisher.reconnectRequested().toCompletableFuture().get(10, TimeUnit.SECONDS);
      assertThat(request.target()).as("where it is").isEqualTo(target);
      assertThat(request.description()).contains("restarting");
      assertThat(publisher.ended().toCompletableFuture()).as("may go on for a while").isNotDone();
      publisher.close();
      drained.get(20, TimeUnit.SECONDS);
      assertThat(server.publisherConnections()).isZero();
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }
  }
}
