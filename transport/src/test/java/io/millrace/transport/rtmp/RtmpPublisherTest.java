package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The publisher against the server, over real sockets. */
@Timeout(60)
class RtmpPublisherTest {
  private final Loops loops = Loops.open(2, "rtmp-test");
  private final RecordingHandler handler = new RecordingHandler();
  private final List<RtmpServer> servers = new ArrayList<>();

  @AfterEach
  void stop() throws Exception {
    for (RtmpServer server : servers) {
      server.shutdown("test is over").get(10, TimeUnit.SECONDS);
    }
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  @Test
  void messagesArriveAsTheyWereSent() throws Exception {
    RtmpPublisher publisher = publish(bind(null), null, "live/studio?key=secret");
    RecordingHandler.Recorded recorded = sendAndUnpublish(publisher);
    assertThat(handler.requests.getFirst().query()).containsEntry("key", "secret");
    assertThat(handler.requests.getFirst().secure()).isFalse();
    assertThat(recorded.publication.request().stream()).hasToString("live/studio");
  }

  @Test
  void messagesArriveAsTheyWereSentInsideTls() throws Exception {
    try (ServerTls tls = ServerTls.plain(SelfSigned.create(Set.of("localhost"), Instant.now()))) {
      SslContext client =
          SslContextBuilder.forClient()
              .trustManager(InsecureTrustManagerFactory.INSTANCE)
              .endpointIdentificationAlgorithm(null)
              .build();
      RtmpPublisher publisher = publish(bind(tls::newHandler), client, "live/studio");
      sendAndUnpublish(publisher);
      assertThat(handler.requests.getFirst().secure()).isTrue();
    }
  }

  /** Sends messages of many sizes; returns what came out after checking that it is the same. */
  private RecordingHandler.Recorded sendAndUnpublish(RtmpPublisher publisher) throws Exception {
    List<RecordingHandler.Event> sent = new ArrayList<>();
    publisher.metadata(Map.of("width", 1280.0, "encoder", "test"));
    Random random = new Random(1);
    long timestampMs = 0xFFFF_FF00L;
    for (int i = 0; i < 300; i++) {
      byte[] body = new byte[1 + (i % 50 == 0 ? random.nextInt(400_000) : random.nextInt(3000))];
      random.nextBytes(body);
      boolean video = i % 3 == 0;
      publisher.whenWritable().toCompletableFuture().get(10, TimeUnit.SECONDS);
      boolean taken =
          video
              ? publisher.video(timestampMs, Unpooled.wrappedBuffer(body))
              : publisher.audio(timestampMs, Unpooled.wrappedBuffer(body));
      assertThat(taken).isTrue();
      sent.add(
          new RecordingHandler.Event(
              video ? "video" : "audio",
              timestampMs & 0xFFFF_FFFFL,
              body.length,
              RecordingHandler.sha256(body)));
      timestampMs += 11;
    }
    EndReason ended = publisher.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(ended.kind()).isEqualTo(EndReason.Kind.CLEAN);
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
    assertThat(recorded.events.getFirst().content()).contains("width=1280.0");
    assertThat(recorded.events.subList(1, recorded.events.size())).isEqualTo(sent);
    RtmpSessionSummary summary = handler.awaitSummary();
    assertThat(summary.end().kind()).isEqualTo(EndReason.Kind.CLEAN);
    assertThat(summary.videoMessages() + summary.audioMessages()).isEqualTo(300);
    assertThat(summary.encoder()).isEqualTo("test");
    return recorded;
  }

  @Test
  void refusalReachesThePublisher() throws Exception {
    handler.authorizer =
        _ ->
            CompletableFuture.completedFuture(
                PublishDecision.reject(PublishDecision.UNAUTHORIZED, "wrong key"));
    assertThatThrownBy(() -> publish(bind(null), null, "live/studio?key=no"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .isInstanceOfSatisfying(
            RtmpPublishException.class,
            e -> {
              assertThat(e.code()).isEqualTo(PublishDecision.UNAUTHORIZED);
              assertThat(e.reason()).isEqualTo(new EndReason(EndReason.Kind.REJECTED, "wrong key"));
            });
    assertThat(handler.awaitSummary().end().kind()).isEqualTo(EndReason.Kind.REJECTED);
  }

  @Test
  void serverThatIsNotThereFailsThePublish() throws Exception {
    RtmpServer server = bind(null);
    InetSocketAddress address = server.address();
    server.shutdown("gone").get(10, TimeUnit.SECONDS);
    RtmpTarget target = RtmpTarget.parse("rtmp://127.0.0.1:" + address.getPort() + "/live/a");
    assertThatThrownBy(
            () ->
                RtmpPublisher.publish(loops, target, null, RtmpPublisherSettings.defaults())
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(RtmpPublishException.class);
  }

  @Test
  void shutdownTellsThePublisher() throws Exception {
    RtmpPublisher publisher = publish(bind(null), null, "live/studio");
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    CompletableFuture<Void> gone = servers.getFirst().shutdown("maintenance");
    EndReason ended = publisher.ended().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(ended).isEqualTo(new EndReason(EndReason.Kind.CLOSED_BY_SERVER, "maintenance"));
    assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind())
        .isEqualTo(EndReason.Kind.CLOSED_BY_SERVER);
    gone.get(10, TimeUnit.SECONDS);
    assertThat(servers.getFirst().connections()).isZero();
  }

  @Test
  void bothEndsKnowWhatTheOtherCan() throws Exception {
    RtmpPublisher publisher = publish(bind(null), null, "live/studio");
    assertThat(publisher.serverCapabilities()).isEqualTo(RtmpCapabilities.MILLRACE);
    assertThat(handler.awaitOpened().publication.capabilities())
        .isEqualTo(RtmpCapabilities.MILLRACE);
  }

  @Test
  void drainAsksThePublisherToReconnectAndTakesWhatItStillSends() throws Exception {
    RtmpServer old = bind(null);
    RtmpServer next = bind(null);
    RtmpPublisher publisher = publish(old, null, "live/studio");
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    String tcUrl = "rtmp://127.0.0.1:" + next.address().getPort() + "/live";
    CompletableFuture<Void> gone = old.drain(Duration.ofSeconds(30), tcUrl, "going down");

    ReconnectRequest request =
        publisher.reconnectRequested().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(request.target()).isEqualTo(target(next, "live/studio", false));
    assertThat(request.description()).isEqualTo("going down");
    RtmpPublisher second =
        RtmpPublisher.publish(loops, request.target(), null, RtmpPublisherSettings.defaults())
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    assertThat(publisher.video(7, Unpooled.wrappedBuffer(new byte[] {1}))).isTrue();
    assertThat(publisher.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS).kind())
        .isEqualTo(EndReason.Kind.CLEAN);
    assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
    assertThat(recorded.of("video")).hasSize(1);
    gone.get(10, TimeUnit.SECONDS);
    assertThat(old.connections()).isZero();
    second.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  @Test
  void drainClosesWhoCannotReconnectWhenItsTimeIsOver() throws Exception {
    RtmpServer server = bind(null);
    RtmpPublisher publisher =
        RtmpPublisher.publish(
                loops,
                target(server, "live/studio", false),
                null,
                RtmpPublisherSettings.defaults().withCapabilities(RtmpCapabilities.NONE))
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    assertThat(recorded.publication.capabilities()).isEqualTo(RtmpCapabilities.NONE);
    assertThat(recorded.publication.requestReconnect("", "")).isFalse();
    server.drain(Duration.ofMillis(50), "", "going down").get(10, TimeUnit.SECONDS);
    assertThat(publisher.reconnectRequested().toCompletableFuture()).isNotDone();
    assertThat(publisher.ended().toCompletableFuture().get(10, TimeUnit.SECONDS))
        .isEqualTo(new EndReason(EndReason.Kind.CLOSED_BY_SERVER, "going down"));
  }

  /**
   * One minute before the 24-bit field of the chunk header is full and before the 32-bit timestamp
   * wraps, over messages of many chunks and of one, so that every kind of header passes the wrap.
   */
  @ParameterizedTest
  @ValueSource(longs = {0xFF_FFFFL, 0x7FFF_FFFFL, 0xFFFF_FFFFL})
  void timestampsPassTheirWraps(long limitMs) throws Exception {
    RtmpPublisherSettings smallChunks =
        new RtmpPublisherSettings(
            "t", Duration.ofSeconds(10), 128, 8 << 20, RtmpCapabilities.MILLRACE);
    RtmpPublisher publisher =
        RtmpPublisher.publish(loops, target(bind(null), "live/a", false), null, smallChunks)
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS);
    List<RecordingHandler.Event> sent = new ArrayList<>();
    Random random = new Random(limitMs);
    for (long ms = limitMs - 60_000; ms <= limitMs + 60_000; ms += 40) {
      for (String kind : List.of("video", "audio")) {
        byte[] body = new byte[kind.equals("video") ? 1 + random.nextInt(6000) : 100];
        random.nextBytes(body);
        publisher.whenWritable().toCompletableFuture().get(10, TimeUnit.SECONDS);
        boolean taken =
            kind.equals("video")
                ? publisher.video(ms, Unpooled.wrappedBuffer(body))
                : publisher.audio(ms, Unpooled.wrappedBuffer(body));
        assertThat(taken).isTrue();
        sent.add(
            new RecordingHandler.Event(
                kind, ms & 0xFFFF_FFFFL, body.length, RecordingHandler.sha256(body)));
      }
    }
    publisher.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS);
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    recorded.end.get(10, TimeUnit.SECONDS);
    assertThat(recorded.events).isEqualTo(sent);
  }

  @Test
  void answersAndRejectionsMayComeFromAnyThread() throws Exception {
    handler.authorizer = _ -> CompletableFuture.supplyAsync(PublishDecision::accept);
    RtmpPublisher publisher = publish(bind(null), null, "live/studio");
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    recorded.publication.reject(PublishDecision.REJECTED, "taken over");
    assertThat(publisher.ended().toCompletableFuture().get(10, TimeUnit.SECONDS))
        .isEqualTo(
            new EndReason(EndReason.Kind.REJECTED, "NetStream.Publish.Rejected: taken over"));
    assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.REJECTED);
  }

  @Test
  void abortIsADisconnection() throws Exception {
    RtmpPublisher publisher = publish(bind(null), null, "live/studio");
    RecordingHandler.Recorded recorded = handler.awaitOpened();
    publisher.abort().toCompletableFuture().get(10, TimeUnit.SECONDS);
    assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind())
        .isEqualTo(EndReason.Kind.DISCONNECTED);
  }

  @Test
  void whatTheServerDoesNotReadIsBoundedAndDropped() throws Exception {
    CompletableFuture<Void> stall = new CompletableFuture<>();
    handler.onEvent = _ -> stall.join(); // the server's loop stands still
    Loops own = Loops.open(1, "rtmp-publisher");
    try {
      int maxPendingBytes = 1 << 20;
      RtmpPublisherSettings settings =
          RtmpPublisherSettings.defaults().withMaxPending(maxPendingBytes);
      RtmpServer server = bind(null);
      RtmpPublisher publisher =
          RtmpPublisher.publish(own, target(server, "live/a", false), null, settings)
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      int taken = 0;
      int bodyBytes = 100_000;
      // The kernel's buffers take some megabytes before anything waits for good.
      CompletableFuture<Void> writable;
      do {
        while (publisher.video(0, Unpooled.wrappedBuffer(new byte[bodyBytes]))) {
          assertThat(++taken).isLessThan(10_000);
          assertThat(publisher.pendingBytes()).isLessThanOrEqualTo(maxPendingBytes);
        }
        writable = publisher.whenWritable().toCompletableFuture();
      } while (writable.isDone());
      stall.complete(null);
      writable.get(10, TimeUnit.SECONDS);
      publisher.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS);
      RecordingHandler.Recorded recorded = handler.awaitOpened();
      recorded.end.get(10, TimeUnit.SECONDS);
      assertThat(recorded.of("video")).hasSize(taken);
    } finally {
      stall.complete(null);
      own.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void plainTextOnTheTlsPortIsNamed() throws Exception {
    try (ServerTls tls = ServerTls.plain(SelfSigned.create(Set.of("localhost"), Instant.now()));
        Socket socket = new Socket("127.0.0.1", bind(tls::newHandler).address().getPort())) {
      socket.getOutputStream().write(new byte[1537]);
      EndReason end = handler.awaitSummary().end();
      assertThat(end.kind()).isEqualTo(EndReason.Kind.PROTOCOL_ERROR);
      assertThat(end.text()).startsWith("TLS: ").matches("[ -~]+");
    }
  }

  @Test
  void tooManyConnectionsAreRefusedAtTheDoor() throws Exception {
    RtmpServer server = bind(null, RtmpSettings.defaults().withConnectionLimits(10, 1));
    RtmpPublisher first = publish(server, null, "live/a");
    assertThatThrownBy(() -> publish(server, null, "live/b"))
        .hasCauseInstanceOf(RtmpPublishException.class);
    RtmpSessionSummary refused = handler.awaitSummary();
    assertThat(refused.end().kind()).isEqualTo(EndReason.Kind.OVER_LIMIT);
    assertThat(server.refusedConnections()).isEqualTo(1);
    first.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private RtmpPublisher publish(RtmpServer server, @Nullable SslContext clientTls, String path)
      throws Exception {
    CompletionStage<RtmpPublisher> publishing =
        RtmpPublisher.publish(
            loops,
            target(server, path, clientTls != null),
            clientTls,
            RtmpPublisherSettings.defaults());
    return publishing.toCompletableFuture().get(10, TimeUnit.SECONDS);
  }

  private static RtmpTarget target(RtmpServer server, String path, boolean secure) {
    return RtmpTarget.parse(
        "%s://127.0.0.1:%d/%s"
            .formatted(secure ? "rtmps" : "rtmp", server.address().getPort(), path));
  }

  private RtmpServer bind(@Nullable Function<ByteBufAllocator, SslHandler> tls) throws Exception {
    return bind(tls, RtmpSettings.defaults());
  }

  private RtmpServer bind(
      @Nullable Function<ByteBufAllocator, SslHandler> tls, RtmpSettings settings)
      throws Exception {
    RtmpServer server =
        RtmpServer.bind(loops, new InetSocketAddress("127.0.0.1", 0), settings, tls, handler);
    servers.add(server);
    return server;
  }
}
