package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.millrace.server.push.RtmpTracks;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.EndReason;
import io.millrace.transport.rtmp.PublishDecision;
import io.millrace.transport.rtmp.PublishRequest;
import io.millrace.transport.rtmp.RtmpCapabilities;
import io.millrace.transport.rtmp.RtmpPublication;
import io.millrace.transport.rtmp.RtmpPublicationListener;
import io.millrace.transport.rtmp.RtmpPublishHandler;
import io.millrace.transport.rtmp.RtmpPublisher;
import io.millrace.transport.rtmp.RtmpPublisherSettings;
import io.millrace.transport.rtmp.RtmpServer;
import io.millrace.transport.rtmp.RtmpSessionSummary;
import io.millrace.transport.rtmp.RtmpSettings;
import io.millrace.transport.rtmp.RtmpTarget;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tracks out over RTMP, and in again over a socket. */
class RtmpTracksTest {
  private final Loops loops = Loops.open(1, "tracks-test");

  /** Takes everything that the one publisher sends. */
  private static final class Receiver implements RtmpPublishHandler, RtmpPublicationListener {
    final Tracks tracks = new Tracks();
    final CompletableFuture<EndReason> end = new CompletableFuture<>();
    final CompletableFuture<RtmpCapabilities> capabilities = new CompletableFuture<>();
    private final MediaIngest ingest = new MediaIngest(0, tracks);

    @Override
    public CompletionStage<PublishDecision> authorize(PublishRequest request) {
      return CompletableFuture.completedFuture(PublishDecision.accept());
    }

    @Override
    public RtmpPublicationListener opened(RtmpPublication publication) {
      capabilities.complete(publication.capabilities());
      return this;
    }

    @Override
    public void sessionEnded(RtmpSessionSummary summary) {}

    @Override
    public void onMetadata(Map<String, Object> metadata) {
      ingest.metadata(metadata);
    }

    @Override
    public void onVideo(long timestampMs, ByteBuf body) {
      try {
        ingest.video(timestampMs, body);
      } finally {
        body.release();
      }
    }

    @Override
    public void onAudio(long timestampMs, ByteBuf body) {
      try {
        ingest.audio(timestampMs, body);
      } finally {
        body.release();
      }
    }

    @Override
    public void onEnd(EndReason reason) {
      end.complete(reason);
    }
  }

  @AfterEach
  void stop() throws Exception {
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  @ParameterizedTest
  @ValueSource(strings = {"av1_aac", "hevc_opus", "vp9_mp3", "hevc_hdr10_aac", "multitrack"})
  void everyCodecAndTrackArrivesAsItWas(String clip) throws Exception {
    Receiver receiver = new Receiver();
    RtmpServer server =
        RtmpServer.bind(
            loops, new InetSocketAddress("127.0.0.1", 0), RtmpSettings.defaults(), null, receiver);
    RtmpPublisher publisher =
        RtmpPublisher.publish(
                loops,
                RtmpTarget.parse("rtmp://127.0.0.1:" + server.address().getPort() + "/live/a"),
                null,
                RtmpPublisherSettings.defaults())
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    assertThat(receiver.capabilities.get(10, TimeUnit.SECONDS).multitrack()).isTrue();
    publisher.metadata(Map.of("framerate", 30000 / 1001.0));

    Tracks sent = new Tracks();
    RtmpTracks out = new RtmpTracks(publisher);
    new FlvClip(clip)
        .feed(
            new MediaIngest(
                0,
                event -> {
                  sent.accept(event.retain());
                  out.accept(event);
                }));
    publisher.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(receiver.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
    server.shutdown("done").get(10, TimeUnit.SECONDS);

    Tracks received = receiver.tracks;
    assertThat(received.summary()).isEqualTo(sent.summary());
    assertThat(received.formats.stream().map(format -> format.format()).distinct())
        .containsAll(sent.formats.stream().map(format -> format.format()).distinct().toList());
    assertThat(received.samples).hasSameSizeAs(sent.samples);
    for (int i = 0; i < sent.samples.size(); i++) {
      Tracks.Seen expected = sent.samples.get(i);
      Tracks.Seen actual = received.samples.get(i);
      assertThat(actual.track()).isEqualTo(expected.track());
      assertThat(actual.key()).isEqualTo(expected.key());
      assertThat(actual.payload()).isEqualTo(expected.payload());
      assertThat(actual.ptsTicks() - received.samples.getFirst().ptsTicks())
          .as("sample %d of track %d", i, actual.track())
          .isCloseTo(expected.ptsTicks() - sent.samples.getFirst().ptsTicks(), within(1L));
    }
  }
}
