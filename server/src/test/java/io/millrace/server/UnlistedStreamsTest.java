package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.server.config.Config;
import io.millrace.server.config.ConfigLoader;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpPublishException;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import io.millrace.transport.srt.EndReason;
import io.millrace.transport.srt.SrtCall;
import io.millrace.transport.srt.SrtCaller;
import io.millrace.transport.srt.SrtCallerSettings;
import io.millrace.transport.srt.SrtConnectException;
import io.millrace.transport.srt.SrtPublicationListener;
import io.millrace.transport.srt.wire.RejectCode;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code publish.unlisted: refuse}: what publishers get of a name that no pattern takes. */
@Timeout(60)
class UnlistedStreamsTest {
  private final Loops loops = Loops.open(1, "client");
  private RunningServer server;

  @BeforeEach
  void start(@TempDir Path folder) {
    Config config =
        ConfigLoader.load(
                null,
                List.of(
                    "publish.unlisted=refuse",
                    "streams.live/*.grace=0s",
                    "listen.rtmp=127.0.0.1:0",
                    "listen.rtmps=off",
                    "listen.srt=127.0.0.1:0/udp",
                    "listen.https=off",
                    "listen.http=off",
                    "listen.admin=off",
                    "data.dir=" + folder))
            .config();
    server = RunningServer.start(config);
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @Test
  void srtCallersAreToldThatItIsNotFound() throws Exception {
    call("live/cam").close("taken");
    assertThatThrownBy(() -> call("other/cam"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            SrtConnectException.class,
            e -> assertThat(e.rejectCode()).isEqualTo(RejectCode.NOT_FOUND));
  }

  private SrtCall call(String stream) throws Exception {
    return SrtCaller.connect(
            loops.group().next(),
            server.addresses().get("srt"),
            SrtCallerSettings.of(stream, null),
            new Ignoring())
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void rtmpPublishersAreToldThatTheNameIsBad() throws Exception {
    publish("live/cam").abort();
    assertThatThrownBy(() -> publish("other/cam"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(RtmpPublishException.class)
        .hasMessageContaining("no stream of this server is called other/cam");
  }

  private RtmpPublisher publish(String stream) throws Exception {
    RtmpTarget target =
        RtmpTarget.parse(
            "rtmp://127.0.0.1:" + server.addresses().get("rtmp").getPort() + "/" + stream);
    return RtmpPublisher.publish(loops, target, null, RtmpPublisherSettings.defaults())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private static final class Ignoring implements SrtPublicationListener {
    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      payload.release();
    }

    @Override
    public void onEnd(EndReason reason) {}
  }
}
