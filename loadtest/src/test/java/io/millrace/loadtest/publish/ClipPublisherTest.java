package io.millrace.loadtest.publish;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.EndReason;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.PublishRequest;
import io.millrace.transport.rtmp.RtmpPublication;
import io.millrace.transport.rtmp.RtmpPublicationListener;
import io.millrace.transport.rtmp.RtmpPublishHandler;
import io.millrace.transport.rtmp.RtmpServer;
import io.millrace.transport.rtmp.RtmpSessionSummary;
import io.millrace.transport.rtmp.RtmpSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ClipPublisherTest {
  @Test
  void repeatsTheClipWithTimeGoingOnAndTheConfigurationOnce() throws Exception {
    ByteBuf file = FlvClipTest.header();
    FlvClipTest.tag(file, FlvClipTest.VIDEO, 0, "17000000000142");
    FlvClipTest.tag(file, FlvClipTest.VIDEO, 0, "170100000001");
    FlvClipTest.tag(file, FlvClipTest.VIDEO, 20, "270100000002");
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    CompletableFuture<EndReason> ended = new CompletableFuture<>();
    Loops loops = Loops.open(1, "test");
    try (RtmpServer server =
        RtmpServer.bind(
            loops,
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            RtmpSettings.defaults(),
            null,
            new Recorder(received, ended))) {
      RtmpTarget target =
          RtmpTarget.parse("rtmp://127.0.0.1:" + server.address().getPort() + "/live/clip");

      ClipPublisher publisher =
          ClipPublisher.start(loops, target, null, FlvClip.parse(file)).toCompletableFuture().get();
      List<String> messages = new ArrayList<>();
      while (messages.size() < 6) {
        messages.add(received.take());
      }

      assertThat(messages)
          .containsExactly(
              "0 17000000000142",
              "0 170100000001",
              "20 270100000002",
              "40 170100000001",
              "60 270100000002",
              "80 170100000001");
      assertThat(publisher.stats().messages()).isGreaterThanOrEqualTo(6);
      assertThat(publisher.stats().dropped()).isZero();
      assertThat(publisher.stats().end()).isNull();
      publisher.stop().toCompletableFuture().get();
      assertThat(ended.get().kind()).isEqualTo(EndReason.Kind.CLEAN);
      assertThat(publisher.stats().end()).isNotNull();
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  private record Recorder(BlockingQueue<String> received, CompletableFuture<EndReason> ended)
      implements RtmpPublishHandler, RtmpPublicationListener {
    @Override
    public CompletionStage<PublishDecision> authorize(PublishRequest request) {
      return CompletableFuture.completedFuture(PublishDecision.accept());
    }

    @Override
    public RtmpPublicationListener opened(RtmpPublication publication) {
      return this;
    }

    @Override
    public void sessionEnded(RtmpSessionSummary summary) {}

    @Override
    public void onMetadata(Map<String, Object> metadata) {}

    @Override
    public void onVideo(long timestampMs, ByteBuf body) {
      received.add(timestampMs + " " + ByteBufUtil.hexDump(body));
      body.release();
    }

    @Override
    public void onAudio(long timestampMs, ByteBuf body) {
      body.release();
    }

    @Override
    public void onEnd(EndReason reason) {
      ended.complete(reason);
    }
  }
}
