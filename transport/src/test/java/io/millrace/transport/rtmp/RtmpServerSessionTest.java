package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.MediaFormatException;
import io.millrace.media.StreamKey;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The conversation with a publisher, without a socket and in virtual time. */
class RtmpServerSessionTest {
  private final RecordingHandler handler = new RecordingHandler();

  @Test
  void conversationIsTheOneThatEncodersWaitFor() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of()
              .handshake()
              .connect("live")
              .command(0, Bytes.of().string("releaseStream").number(2).amfNull().string("a"))
              .command(0, Bytes.of().string("FCPublish").number(3).amfNull().string("a"))
              .simple("createStream", 4)
              .simple("_checkbw", 5)
              .publish("a"));
      assertThat(harness.replies)
          .extracting(SessionHarness.Reply::type)
          // window, bandwidth, [chunk size is consumed], 5 results, onFCPublish, StreamBegin,
          // onStatus
          .containsExactly(5, 6, 20, 20, 20, 20, 20, 20, 4, 20);
      assertThat(harness.replies.get(2).contains("NetConnection.Connect.Success")).isTrue();
      assertThat(harness.replies.get(2).contains("objectEncoding")).isTrue();
      assertThat(harness.replies.get(7).contains("onFCPublish")).isTrue();
      assertThat(harness.replies.get(8).body()).containsExactly(0, 0, 0, 0, 0, 1);
      assertThat(harness.replies.get(9).contains("NetStream.Publish.Start")).isTrue();
      assertThat(harness.replies.get(9).stream()).isEqualTo(1);
    }
    PublishRequest request = handler.requests.getFirst();
    assertThat(request.stream()).isEqualTo(new StreamKey("live", "a"));
    assertThat(request.encoder()).isEqualTo("test/1");
    assertThat(request.remote()).isEqualTo(SessionHarness.REMOTE);
  }

  @Test
  void amf3CommandsAreUnderstood() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      // Type 17: a zero byte, then AMF 0 whose command object is in AMF 3.
      byte[] connect =
          Bytes.of()
              .u8(0)
              .string("connect")
              .number(1)
              .hex("11 0a 0b 01 07 617070 06 09 6c697665 01")
              .toArray();
      harness.feed(
          Bytes.of()
              .handshake()
              .message(3, 0, 17, 0, connect)
              .simple("createStream", 2)
              .publish("x"));
      assertThat(harness.replied("NetStream.Publish.Start")).isTrue();
    }
    assertThat(handler.requests.getFirst().stream()).hasToString("live/x");
  }

  @Test
  void mediaArrivesWithItsTimestamps() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of()
              .publishing("a")
              .video(0, new byte[] {1, 2})
              .audio(0xFFFF_FFFFL, new byte[] {3})
              .audio(5, new byte[0]));
    }
    RecordingHandler.Recorded recorded = handler.opened.element();
    assertThat(recorded.events)
        .containsExactly(
            new RecordingHandler.Event("video", 0, 2, RecordingHandler.sha256(new byte[] {1, 2})),
            new RecordingHandler.Event(
                "audio", 0xFFFF_FFFFL, 1, RecordingHandler.sha256(new byte[] {3})));
    assertThat(handler.summaries.element().videoMessages()).isEqualTo(1);
    assertThat(handler.summaries.element().audioMessages()).isEqualTo(1);
  }

  @Test
  void aggregateIsSplitAndItsTimesMoved() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      byte[] aggregate =
          Bytes.of()
              .u8(9)
              .u24(2)
              .u24(100)
              .u8(0)
              .u24(0)
              .hex("aabb")
              .u32(13)
              .u8(8)
              .u24(1)
              .u24(120)
              .u8(0)
              .u24(0)
              .hex("cc")
              .u32(12)
              .toArray();
      harness.feed(Bytes.of().publishing("a").message(6, 5000, 22, 1, aggregate));
    }
    assertThat(handler.opened.element().events)
        .extracting(RecordingHandler.Event::kind, RecordingHandler.Event::timestampMs)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("video", 5000L),
            org.assertj.core.groups.Tuple.tuple("audio", 5020L));
  }

  @Test
  void metadataArrivesAsPlainData() {
    Bytes values = Bytes.of().u8(8).u32(1).property("width").number(1280).objectEnd();
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of()
              .publishing("a")
              .message(
                  4,
                  0,
                  18,
                  1,
                  Bytes.of()
                      .string("@setDataFrame")
                      .string("onMetaData")
                      .raw(values.toArray())
                      .toArray())
              .message(4, 0, 18, 1, Bytes.of().string("onMetaData").raw(values.toArray()).toArray())
              .message(
                  4,
                  0,
                  15,
                  1,
                  Bytes.of().u8(0).string("onMetaData").raw(values.toArray()).toArray())
              .message(
                  4, 40, 18, 1, Bytes.of().string("onCuePoint").raw(values.toArray()).toArray())
              .message(
                  4,
                  80,
                  15,
                  1,
                  Bytes.of().u8(0).string("onTextData").raw(values.toArray()).toArray())
              .message(4, 80, 18, 1, Bytes.of().string("onOther").raw(values.toArray()).toArray())
              .message(
                  4, 80, 18, 1, Bytes.of().string("onTextData").string("no object").toArray()));
    }
    assertThat(handler.opened.element().events)
        .hasSize(5)
        .allMatch(event -> event.content().equals("{width=1280.0}"))
        .extracting(RecordingHandler.Event::kind)
        .endsWith("metadata", "onCuePoint", "onTextData");
    assertThat(handler.opened.element().events.getLast().timestampMs()).isEqualTo(80);
  }

  @Test
  void pingIsAnswered() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of()
              .publishing("a")
              .message(2, 0, 4, 0, Bytes.of().u16(6).u32(0x01020304).toArray()));
      assertThat(harness.replies.getLast().type()).isEqualTo(4);
      assertThat(harness.replies.getLast().body()).containsExactly(0, 7, 1, 2, 3, 4);
    }
  }

  @Test
  void whatTheWindowAsksForIsAcknowledged() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      Bytes start = Bytes.of().publishing("a").control(5, 20_000);
      harness.feed(start);
      assertThat(harness.replies).noneMatch(reply -> reply.type() == 3);
      for (int i = 0; i < 50; i++) {
        harness.feed(Bytes.of().video(i, new byte[1000]));
      }
      // 1019 bytes a message; what came before it counts.
      assertThat(harness.replies.stream().filter(reply -> reply.type() == 3)).hasSize(2);
    }
  }

  @Test
  void withoutAWindowNothingIsAcknowledged() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      for (int i = 0; i < 100; i++) {
        harness.feed(Bytes.of().video(i, new byte[100_000]));
      }
      assertThat(harness.replies).noneMatch(reply -> reply.type() == 3);
    }
  }

  @Test
  void playIsRefusedWithTheReason() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of()
              .handshake()
              .connect("live")
              .command(1, Bytes.of().string("play").number(0).amfNull().string("a")));
      assertThat(harness.replied("NetStream.Play.Failed")).isTrue();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.REJECTED);
    }
  }

  @Test
  void unknownCommandIsAnsweredAndHarmless() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of().handshake().connect("live").simple("FCSubscribeX", 9).simple("ping", 0));
      assertThat(harness.replies.getLast().contains("NetConnection.Call.Failed")).isTrue();
      harness.feed(Bytes.of().publish("a"));
      assertThat(harness.replied("NetStream.Publish.Start")).isTrue();
    }
  }

  // ---- Enhanced RTMP

  @Test
  void connectExchangesCapabilities() {
    Bytes connect =
        Bytes.of()
            .string("connect")
            .number(1)
            .u8(3)
            .property("app")
            .string("live")
            .property("fourCcList")
            .u8(10)
            .u32(2)
            .string("hvc1")
            .string("Opus")
            .property("capsEx")
            .number(3)
            .objectEnd();
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of().handshake().command(0, connect).simple("createStream", 2).publish("x"));
      assertThat(harness.replied("videoFourCcInfoMap")).isTrue();
      assertThat(harness.replied("av01")).isTrue();
      assertThat(harness.replied("capsEx")).isTrue();
      RtmpPublication publication = handler.opened.element().publication;
      assertThat(publication.capabilities())
          .isEqualTo(
              new RtmpCapabilities(
                  java.util.List.of("hvc1", "Opus"),
                  Map.of(),
                  Map.of(),
                  RtmpCapabilities.RECONNECT | RtmpCapabilities.MULTITRACK));
      assertThat(publication.requestReconnect("rtmp://new/live", "update")).isTrue();
      harness.collect();
      SessionHarness.Reply request = harness.replies.getLast();
      assertThat(request.stream()).isZero();
      assertThat(request.contains("NetConnection.Connect.ReconnectRequest")).isTrue();
      assertThat(request.contains("rtmp://new/live")).isTrue();
      harness.feed(Bytes.of().video(1, new byte[] {1}));
    }
    assertThat(handler.opened.element().events).hasSize(1);
  }

  @Test
  void drainingConnectionMayNotPublishAgain() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      harness.channel.pipeline().fireUserEventTriggered(new RtmpServer.Drain("", "going down"));
      assertThat(harness.replied("ReconnectRequest")).as("said nothing about it").isFalse();
      harness.feed(Bytes.of().simple("deleteStream", 0).publish("a"));
      assertThat(harness.replied("the server takes no more publishers")).isTrue();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.REJECTED);
    }
  }

  @Test
  void drainEndsConnectionsThatDoNotPublish() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().handshake().connect("live"));
      harness.channel.pipeline().fireUserEventTriggered(new RtmpServer.Drain("", "going down"));
      assertThat(harness.end())
          .isEqualTo(new EndReason(EndReason.Kind.CLOSED_BY_SERVER, "going down"));
    }
  }

  // ---- authorisation

  @Test
  void nothingIsReadUntilTheAnswerIsThere() {
    CompletableFuture<PublishDecision> answer = new CompletableFuture<>();
    handler.authorizer = _ -> answer;
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").video(1, new byte[] {1}));
      harness.feed(Bytes.of().video(2, new byte[] {2}));
      assertThat(harness.channel.config().isAutoRead()).isFalse();
      assertThat(handler.opened).isEmpty();
      assertThat(harness.replied("NetStream.Publish.Start")).isFalse();
      answer.complete(PublishDecision.accept());
      harness.collect();
      assertThat(harness.channel.config().isAutoRead()).isTrue();
      assertThat(harness.replied("NetStream.Publish.Start")).isTrue();
    }
    assertThat(handler.opened.element().events)
        .extracting(RecordingHandler.Event::timestampMs)
        .containsExactly(1L, 2L);
  }

  @Test
  void wrongKeyIsToldAndEndsTheSession() {
    handler.authorizer =
        request ->
            CompletableFuture.completedFuture(
                request.query().equals(Map.of("key", "right"))
                    ? PublishDecision.accept()
                    : PublishDecision.reject(PublishDecision.UNAUTHORIZED, "wrong stream key"));
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a?key=wrong").video(0, new byte[100]));
      assertThat(harness.replies.getLast().contains(PublishDecision.UNAUTHORIZED)).isTrue();
      assertThat(harness.replies.getLast().contains("wrong stream key")).isTrue();
      assertThat(harness.end())
          .isEqualTo(new EndReason(EndReason.Kind.REJECTED, "wrong stream key"));
      assertThat(harness.summary().published()).isFalse();
      assertThat(harness.channel.isOpen()).as("lingers, so that the error arrives").isTrue();
      harness.feed(new byte[10_000]).advance(Duration.ofSeconds(2));
      assertThat(harness.channel.isOpen()).isFalse();
    }
    assertThat(handler.opened).isEmpty();
  }

  @Test
  void failedAuthorisationIsOurFault() {
    handler.authorizer = _ -> CompletableFuture.failedFuture(new IllegalStateException("disk"));
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.INTERNAL_ERROR);
      assertThat(harness.replied("disk")).isFalse();
    }
  }

  @Test
  void authorizerThatThrowsIsOurFault() {
    handler.authorizer =
        _ -> {
          throw new IllegalStateException("bug");
        };
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.INTERNAL_ERROR);
    }
  }

  @Test
  void answerAfterTheDeadlineChangesNothing() {
    CompletableFuture<PublishDecision> answer = new CompletableFuture<>();
    handler.authorizer = _ -> answer;
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").video(0, new byte[3000]));
      harness.advance(Duration.ofSeconds(10));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.TIMEOUT);
      answer.complete(PublishDecision.accept());
      harness.collect();
    }
    assertThat(handler.opened).isEmpty();
  }

  @Test
  void answerAfterThePeerHasLeftChangesNothing() {
    CompletableFuture<PublishDecision> answer = new CompletableFuture<>();
    handler.authorizer = _ -> answer;
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      harness.channel.close();
      answer.complete(PublishDecision.accept());
      harness.collect();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.DISCONNECTED);
    }
    assertThat(handler.opened).isEmpty();
  }

  @Test
  void busyNameCanBeRefusedAtTheLastMoment() {
    RtmpPublishHandler busy =
        new RtmpPublishHandler() {
          @Override
          public java.util.concurrent.CompletionStage<PublishDecision> authorize(
              PublishRequest request) {
            return handler.authorize(request);
          }

          @Override
          public RtmpPublicationListener opened(RtmpPublication publication) {
            throw new PublishRefusedException(
                PublishDecision.reject(PublishDecision.BAD_NAME, "live/a is busy"));
          }

          @Override
          public void sessionEnded(RtmpSessionSummary summary) {
            handler.sessionEnded(summary);
          }
        };
    try (SessionHarness harness = new SessionHarness(handler, RtmpSettings.defaults(), busy)) {
      harness.feed(Bytes.of().publishing("a"));
      assertThat(harness.replies.getLast().contains("live/a is busy")).isTrue();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.REJECTED);
      assertThat(harness.replied("NetStream.Publish.Start")).isFalse();
    }
  }

  @Test
  void publicationRejectedWhileItIsOpenedEndsOnce() {
    RecordingHandler rejecting = new RecordingHandler();
    rejecting.onOpened =
        publication -> publication.reject(PublishDecision.REJECTED, "the server is full");
    try (SessionHarness harness = new SessionHarness(rejecting)) {
      harness.feed(Bytes.of().publishing("a").video(0, new byte[1]));
      assertThat(harness.replies.getLast().contains("the server is full")).isTrue();
      assertThat(harness.replied("NetStream.Publish.Start")).isFalse();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.REJECTED);
    }
    assertThat(rejecting.opened.element().end.join().text()).isEqualTo("the server is full");
    assertThat(rejecting.opened.element().events).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "live, a/b",
    "live, ''",
    "live, ..",
    "live, a b",
    "live/x, a",
    "'', .hidden",
  })
  void badNameIsRefused(String app, String name) {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().handshake().connect(app).publish(name));
      assertThat(harness.replies.getLast().contains(PublishDecision.BAD_NAME)).isTrue();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.REJECTED);
    }
    assertThat(handler.requests).isEmpty();
  }

  // ---- listener

  @Test
  void unsupportedCodecIsNamedToThePublisher() {
    handler.onEvent =
        _ -> {
          throw MediaFormatException.unsupported("video codec hvc1 (HEVC) is not supported");
        };
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").video(0, new byte[10]).video(1, new byte[10]));
      assertThat(harness.replies.getLast().contains(PublishDecision.REJECTED)).isTrue();
      assertThat(harness.replies.getLast().contains("video codec hvc1 (HEVC)")).isTrue();
      assertThat(harness.end())
          .isEqualTo(
              new EndReason(EndReason.Kind.REJECTED, "video codec hvc1 (HEVC) is not supported"));
    }
    assertThat(handler.opened.element().events).hasSize(1);
    assertThat(handler.opened.element().end.join().kind()).isEqualTo(EndReason.Kind.REJECTED);
  }

  @Test
  void malformedMediaIsAProtocolError() {
    handler.onEvent =
        _ -> {
          throw MediaFormatException.malformed("avcC is 3 bytes long");
        };
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").audio(0, new byte[10]));
      assertThat(harness.end())
          .isEqualTo(new EndReason(EndReason.Kind.PROTOCOL_ERROR, "avcC is 3 bytes long"));
    }
  }

  @Test
  void listenerThatFailsEndsItsSessionAsOurFault() {
    handler.onEvent =
        _ -> {
          throw new IllegalStateException("bug");
        };
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").video(0, new byte[10]));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.INTERNAL_ERROR);
      assertThat(harness.replied("bug")).isFalse();
    }
  }

  @Test
  void publicationCanBeRejected() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      RtmpPublication publication = handler.opened.element().publication;
      assertThat(publication.bytesReceived())
          .isEqualTo(Bytes.of().publishing("a").toArray().length);
      publication.reject(PublishDecision.REJECTED, "taken over");
      harness.collect();
      assertThat(harness.replies.getLast().contains("taken over")).isTrue();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.REJECTED);
      publication.close("again"); // of no effect
    }
  }

  @Test
  void publicationCanBeClosed() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      handler.opened.element().publication.close("disconnected by the operator");
      harness.collect();
      assertThat(harness.replies.getLast().contains("NetStream.Unpublish.Success")).isTrue();
      assertThat(harness.end())
          .isEqualTo(
              new EndReason(EndReason.Kind.CLOSED_BY_SERVER, "disconnected by the operator"));
    }
  }

  // ---- unpublishing

  @ParameterizedTest
  @CsvSource({"FCUnpublish", "deleteStream", "closeStream"})
  void unpublishIsACleanEnd(String command) {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").video(0, new byte[1]).simple(command, 6));
      assertThat(handler.opened.element().end.join().kind()).isEqualTo(EndReason.Kind.CLEAN);
      assertThat(handler.summaries).isEmpty();
      assertThat(harness.replied("NetStream.Unpublish.Success")).isTrue();
      harness.feed(Bytes.of().video(1, new byte[1])); // late
      harness.channel.close();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.CLEAN);
    }
    assertThat(handler.opened.element().events).hasSize(1);
  }

  @Test
  void connectionCanPublishAgain() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").video(0, new byte[1]).simple("FCUnpublish", 6));
      harness.advance(Duration.ofSeconds(9));
      harness.feed(Bytes.of().publish("b").video(5, new byte[1]));
      assertThat(handler.opened).hasSize(2);
      harness.advance(Duration.ofSeconds(9));
      assertThat(handler.summaries).isEmpty();
    }
    assertThat(handler.summaries.element().videoMessages()).isEqualTo(2);
    assertThat(handler.summaries.element().stream()).hasToString("live/b");
  }

  @Test
  void connectionThatDoesNotPublishAgainIsClosed() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").simple("FCUnpublish", 6));
      harness.advance(Duration.ofSeconds(10));
      assertThat(harness.channel.isOpen()).isFalse();
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.CLEAN);
    }
  }

  @Test
  void secondPublishOnAConnectionIsRefused() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").publish("b"));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.REJECTED);
      assertThat(harness.replies.getLast().contains("already publishes live/a")).isTrue();
    }
    assertThat(handler.opened).hasSize(1);
  }

  @Test
  void cutConnectionIsADisconnection() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a").header0(6, 0, 5000, 9, 1).zeros(100));
      harness.channel.close();
    }
    assertThat(handler.opened.element().end.join().kind()).isEqualTo(EndReason.Kind.DISCONNECTED);
  }

  // ---- deadlines

  @Test
  void handshakeHasADeadline() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().u8(3).zeros(1000));
      harness.advance(Duration.ofMillis(4999));
      assertThat(handler.summaries).isEmpty();
      harness.advance(Duration.ofMillis(1));
      assertThat(harness.end())
          .isEqualTo(new EndReason(EndReason.Kind.TIMEOUT, "no RTMP handshake within 5000 ms"));
      assertThat(harness.channel.isOpen()).isFalse();
      assertThat(harness.summary().durationMs()).isEqualTo(5000);
    }
  }

  @Test
  void publishHasADeadlineThatCommandsDoNotMove() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().handshake().connect("live"));
      for (int i = 0; i < 9; i++) {
        harness.advance(Duration.ofSeconds(1)).feed(Bytes.of().simple("_checkbw", i));
      }
      assertThat(handler.summaries).isEmpty();
      harness.advance(Duration.ofSeconds(1));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.TIMEOUT);
      assertThat(harness.end().text()).contains("no accepted publish within 10000 ms");
    }
  }

  @Test
  void publisherThatSendsNoMediaIsEnded() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      harness.advance(Duration.ofSeconds(14)).feed(Bytes.of().video(0, new byte[1]));
      harness.advance(Duration.ofSeconds(14));
      assertThat(handler.summaries).isEmpty();
      // Pings are not media, and neither is a message that never ends.
      harness.feed(Bytes.of().message(2, 0, 4, 0, Bytes.of().u16(6).u32(1).toArray()));
      harness.feed(Bytes.of().header0(6, 0, 100_000, 9, 1).zeros(128));
      harness.advance(Duration.ofSeconds(1));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.TIMEOUT);
      assertThat(harness.end().text()).contains("slow or stalled publisher");
      assertThat(harness.replies.getLast().contains("slow or stalled publisher")).isTrue();
    }
    assertThat(handler.opened.element().end.join().kind()).isEqualTo(EndReason.Kind.TIMEOUT);
  }

  @Test
  void livelyPublisherStays() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      for (int i = 0; i < 1000; i++) {
        harness.advance(Duration.ofMillis(500)).feed(Bytes.of().audio(500L * i, new byte[10]));
      }
      assertThat(handler.summaries).isEmpty();
    }
  }

  @Test
  void peerThatDoesNotReadIsNotRead() {
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      harness.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
      harness.channel.runPendingTasks();
      assertThat(harness.channel.config().isAutoRead()).isFalse();
      harness.channel.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
      harness.channel.runPendingTasks();
      assertThat(harness.channel.config().isAutoRead()).isTrue();
    }
  }
}
