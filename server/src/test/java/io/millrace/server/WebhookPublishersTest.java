package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
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
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Publishers over RTMP and SRT while a webhook decides, and while it does not answer. */
@Timeout(60)
class WebhookPublishersTest {
  private final Loops loops = Loops.open(1, "client");
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private HttpServer hook;
  private RunningServer server;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String question =
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(question);
            byte[] reply = "no such key".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("content-type", "text/plain");
            exchange.sendResponseHeaders(
                question.contains("\"key\":\"good\"") ? 200 : 401, reply.length);
            exchange.getResponseBody().write(reply);
          }
        });
    hook.start();
    server =
        RunningServer.start(
            ConfigLoader.load(
                    null,
                    List.of(
                        "streams.live/*.publish.webhook.url=http://127.0.0.1:"
                            + hook.getAddress().getPort()
                            + "/",
                        "streams.live/*.publish.passphrase=0123456789",
                        "streams.live/*.grace=0s",
                        "listen.rtmp=127.0.0.1:0",
                        "listen.rtmps=off",
                        "listen.srt=127.0.0.1:0/udp",
                        "listen.https=off",
                        "listen.http=off",
                        "listen.admin=off",
                        "data.dir=" + folder))
                .config());
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
    hook.stop(0);
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  private SrtCall call(String key) throws Exception {
    return SrtCaller.connect(
            loops.group().next(),
            server.addresses().get("srt"),
            SrtCallerSettings.of("#!::r=live/cam,m=publish,s=" + key, "0123456789"),
            new Ignoring())
        .get(20, TimeUnit.SECONDS);
  }

  private RtmpPublisher publish(String key) throws Exception {
    int port = server.addresses().get("rtmp").getPort();
    RtmpTarget target = RtmpTarget.parse("rtmp://127.0.0.1:" + port + "/live/cam?key=" + key);
    return RtmpPublisher.publish(loops, target, null, RtmpPublisherSettings.defaults())
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  @Test
  void srtCallersAreToldWithAPassphraseOrWithout() throws Exception {
    assertThatThrownBy(() -> call("bad"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            SrtConnectException.class,
            e -> assertThat(e.rejectCode()).isEqualTo(RejectCode.UNAUTHORIZED));
    assertThat(asked.take()).contains("\"protocol\":\"srt\"", "\"key\":\"bad\"");
    call("good").close("let in");
  }

  @Test
  void rtmpPublishersAreToldWhy() throws Exception {
    assertThatThrownBy(() -> publish("bad"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(RtmpPublishException.class)
        .hasMessageContaining("no such key");
    publish("good").abort();
    hook.stop(0);
    assertThatThrownBy(() -> publish("good"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOf(RtmpPublishException.class)
        .hasMessageContaining("cannot be checked at this moment");
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
