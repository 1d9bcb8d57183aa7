package io.millrace.transport.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What nobody honest sends. Every case ends its session with a reason, holds no more memory than
 * allowed, leaves nothing behind, and disturbs no other session.
 */
class HostileInputTest {
  private static final int MAX_UNAUTHENTICATED = SessionInput.MAX_UNAUTHENTICATED_BYTES;
  private static final String CHUNK_SIZE_MAX = "02 000000 000004 01 00000000 7fffffff";

  /**
   * @param reason part of the reason that is given
   * @param authenticated whether the bytes follow an accepted publish
   */
  private record Case(
      String name,
      EndReason.Kind kind,
      String reason,
      boolean authenticated,
      Supplier<Bytes> bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        // The chunk stream.
        before(
            "chunk size of 2^31-1 and a message of 16 MiB without data",
            "message of 16777215 bytes",
            () -> connected().hex(CHUNK_SIZE_MAX).header0(3, 0, 0xFFFFFF, 20, 0)),
        before("chunk size of 0", "chunk size 0", () -> connected().control(1, 0)),
        before(
            "chunk size of 2^32-1",
            "chunk size 4294967295",
            () -> connected().control(1, 0xFFFFFFFFL)),
        before(
            "unfinished messages on 65000 chunk streams",
            "more than 64 chunk streams",
            () -> {
              Bytes bytes = connected();
              for (int id = 0; id < 65_000; id++) {
                bytes.u8(1).u8(id).u8(id >> 8).u24(0).u24(200).u8(20).u32(0).zeros(128);
              }
              return bytes;
            }),
        before(
            "unfinished messages on 60 chunk streams",
            "more than 16384 bytes of unfinished messages",
            () -> unfinished(connected().control(1, 1000), 60, 1001, 1000)),
        after(
            "25 unfinished messages of 1 MiB",
            "more than 25165824 bytes of unfinished messages",
            () -> unfinished(Bytes.of().control(1, 1 << 20), 25, (1 << 20) + 1, 1 << 20)),
        before(
            "header inside a message",
            "inside a message",
            () -> connected().header0(3, 0, 300, 20, 0).zeros(128).header0(3, 0, 1, 20, 0)),
        before(
            "type 3 on a fresh chunk stream", "begins with a type 3", () -> connected().u8(0xE0)),
        before(
            "abort storm",
            "more than 65536 bytes before a publish",
            () -> repeat(connected(), 5000, bytes -> bytes.control(2, 3))),
        before(
            "chunk size storm",
            "more than 65536 bytes before a publish",
            () -> repeat(connected(), 5000, bytes -> bytes.control(1, 128))),
        before(
            "storm of empty messages of one byte each",
            "more than 256 messages before a publish",
            () -> connected().header0(9, 0, 0, 9, 0).raw(filled(0xC9, 10_000))),
        before(
            "media without a publish",
            "before a publish",
            () -> repeat(connected(), 100, bytes -> bytes.video(0, new byte[10_000]))),
        before(
            "ping storm",
            "more than 256 messages before a publish",
            () ->
                repeat(
                    connected(),
                    1000,
                    bytes -> bytes.message(2, 0, 4, 0, Bytes.of().u16(6).u32(1).toArray()))),
        before(
            "window of two bytes",
            "Window Acknowledgement Size",
            () -> connected().message(2, 0, 5, 0, new byte[2])),
        // AMF.
        before(
            "AMF depth bomb",
            "nested deeper than 8",
            () ->
                Bytes.of()
                    .handshake()
                    .command(
                        0, Bytes.of().string("connect").number(1).hex("03000161".repeat(3000)))),
        before(
            "AMF string of 4 GiB",
            "AMF value of 4294967295 bytes",
            () ->
                Bytes.of().handshake().command(0, Bytes.of().string("connect").hex("0cffffffff"))),
        before(
            "AMF array of 4 Gi elements",
            "AMF value of 4294967295 bytes",
            () ->
                Bytes.of()
                    .handshake()
                    .command(0, Bytes.of().string("connect").hex("0affffffff05"))),
        before(
            "AMF 3 externalizable class",
            "externalizable",
            () ->
                Bytes.of()
                    .handshake()
                    .command(
                        0,
                        Bytes.of()
                            .string("connect")
                            .number(1)
                            .hex("11 0a 07 1b 6a6176612e6e65742e55524c 21 00"))),
        before(
            "AMF cycle",
            "into itself",
            () ->
                Bytes.of()
                    .handshake()
                    .command(
                        0, Bytes.of().string("connect").number(1).hex("03000161070000000009"))),
        before(
            "AMF values without number",
            "more than 1024 AMF values",
            () -> connected().command(0, Bytes.of().string("x").number(1).raw(filled(5, 10_000)))),
        before(
            "command without a name",
            "command without a name",
            () -> connected().command(0, Bytes.of().number(1))),
        before("empty command", "command without a name", () -> connected().command(0, Bytes.of())),
        before(
            "AMF of the wrong version",
            "AMF 0 marker 0x",
            () -> connected().message(3, 0, 20, 0, filled(0xFE, 9))),
        after(
            "metadata without end",
            "more than 32768 AMF values",
            () ->
                Bytes.of()
                    .control(1, 1 << 20)
                    .message(
                        4,
                        0,
                        18,
                        1,
                        Bytes.of().string("onMetaData").raw(filled(5, 1 << 20)).toArray(),
                        1 << 20)),
        // Commands.
        before(
            "publish before connect",
            "command \"publish\" before connect",
            () -> Bytes.of().handshake().publish("a")),
        before(
            "control characters in a command's name",
            "command \"a\\u000d\\u000ab\\u001b[31m\" before connect",
            () -> Bytes.of().handshake().simple("a\r\nb\u001b[31m", 1)),
        before("two connects", "second connect", () -> connected().connect("live")),
        before(
            "message streams without number",
            "more than 16 message streams",
            () -> repeat(connected(), 20, bytes -> bytes.simple("createStream", 2))),
        refused(
            "stream name of 15000 characters",
            "longer than",
            () -> connected().publish("a".repeat(15_000))),
        refused(
            "stream name of 129 characters",
            "longer than 128",
            () -> connected().publish("a".repeat(129))),
        refused(
            "app of 2000 characters",
            "longer than 128",
            () -> Bytes.of().handshake().connect("a".repeat(2000)).publish("a")),
        refused(
            "stream name that climbs",
            "stream name",
            () -> connected().publish("../../etc/passwd")),
        refused("stream name with a line break", "a\\u000ab", () -> connected().publish("a\nb")),
        refused("stream name of NUL", "\\u0000", () -> connected().publish("\0")),
        // Media.
        after(
            "aggregate whose inner length is beyond its end",
            "in 0 bytes of an aggregate",
            () ->
                Bytes.of()
                    .message(6, 0, 22, 1, Bytes.of().u8(9).u24(0xFFFFFF).u32(0).u24(0).toArray())),
        after(
            "aggregate in an aggregate",
            "aggregate message in an aggregate message",
            () ->
                Bytes.of()
                    .message(
                        6, 0, 22, 1, Bytes.of().u8(22).u24(0).u32(0).u24(0).u32(11).toArray())),
        // Other protocols.
        before(
            "HTTP",
            "HTTP on the RTMP port",
            () -> Bytes.of().text("GET / HTTP/1.1\r\nHost: a\r\n\r\n")),
        before("TLS", "TLS on the plain RTMP port", () -> Bytes.of().hex("16030100a0")),
        before("RTMPE", "RTMPE is not supported", () -> Bytes.of().u8(6)));
  }

  /** The bytes of the short rows, as seeds for the fuzzer. */
  static Stream<byte[]> inputs() {
    return cases()
        .map(row -> row.bytes().get().toArray())
        .filter(bytes -> bytes.length <= MAX_UNAUTHENTICATED);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hostileInputEndsItsSession(Case row) {
    byte[] bytes = row.bytes().get().toArray();
    for (int readBytes : new int[] {bytes.length, 1400, 32 << 10, 1}) {
      if (readBytes == 1 && bytes.length > 100_000) {
        continue;
      }
      RecordingHandler handler = new RecordingHandler();
      try (SessionHarness harness = new SessionHarness(handler)) {
        if (row.authenticated()) {
          harness.feed(Bytes.of().publishing("a"));
          assertThat(handler.opened).hasSize(1);
        }
        harness.feed(bytes, readBytes);
        assertThat(harness.end().kind()).isEqualTo(row.kind());
        assertThat(harness.end().text()).contains(row.reason()).matches("[ -~]{1,210}");
        assertThat(harness.peakBytes())
            .isLessThanOrEqualTo(
                row.authenticated()
                    ? RtmpSettings.defaults().maxBufferedBytes()
                    : MAX_UNAUTHENTICATED);
        harness.advance(Duration.ofSeconds(2));
        assertThat(harness.channel.isOpen()).isFalse();
      }
    }
  }

  /** CVE-2017-5878: the names of classes are bytes like others. */
  @Test
  void amfThatNamesAClassIsItsProperties() {
    RecordingHandler handler = new RecordingHandler();
    String className = "javax.script.ScriptEngineManager";
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of()
              .handshake()
              .command(
                  0,
                  Bytes.of()
                      .string("connect")
                      .number(1)
                      .u8(0x10)
                      .property(className)
                      .property("app")
                      .string("live")
                      .objectEnd())
              .publish("a"));
      assertThat(harness.replied("NetStream.Publish.Start")).isTrue();
    }
    assertThat(handler.requests.getFirst().stream()).hasToString("live/a");
  }

  /** CVE-2016-10191 and its like: sizes change in the middle of a message. */
  @Test
  void lengthThatChangesInsideAMessageIsRefused() {
    try (SessionHarness harness = new SessionHarness()) {
      harness.feed(
          Bytes.of()
              .publishing("a")
              .header0(6, 0, 200, 9, 1)
              .zeros(128)
              .u8(0x46)
              .u24(0)
              .u24(100_000)
              .u8(9));
      assertThat(harness.end().kind()).isEqualTo(EndReason.Kind.PROTOCOL_ERROR);
    }
  }

  /** 2^31-1 as chunk size is allowed (§5.4.1), and costs nothing by itself. */
  @Test
  void largestChunkSizeAndLongestMessageHoldOnlyWhatWasReceived() {
    try (SessionHarness harness = new SessionHarness()) {
      harness.feed(Bytes.of().publishing("a").hex(CHUNK_SIZE_MAX).header0(6, 0, 0xFFFFFF, 9, 1));
      assertThat(harness.peakBytes()).isLessThan(4096);
      harness.feed(new byte[100_000]);
      assertThat(harness.peakBytes()).isLessThanOrEqualTo(200_000);
      harness.advance(Duration.ofSeconds(15));
      assertThat(harness.end().text()).contains("slow or stalled publisher");
    }
  }

  @Test
  void messageOf16MiBIsTakenFromAPublisher() {
    RecordingHandler handler = new RecordingHandler();
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(
          Bytes.of()
              .publishing("a")
              .hex(CHUNK_SIZE_MAX)
              .message(6, 0, 9, 1, new byte[0xFFFFFF], 0xFFFFFF)
              .toArray(),
          32 << 10);
      assertThat(handler.opened.element().events.getFirst().bytes()).isEqualTo(0xFFFFFF);
    }
  }

  @Test
  void tinyWindowDoesNotMakeUsChatter() {
    try (SessionHarness harness = new SessionHarness()) {
      harness.feed(Bytes.of().publishing("a").control(5, 1));
      int before = harness.replies.size();
      for (int i = 0; i < 64; i++) {
        harness.feed(Bytes.of().video(i, new byte[900]));
      }
      assertThat(harness.replies.size() - before).isBetween(3, 4);
    }
  }

  @Test
  void bandwidthChangesAreAnsweredOnceEach() {
    try (SessionHarness harness = new SessionHarness()) {
      harness.feed(Bytes.of().publishing("a"));
      int before = harness.replies.size();
      harness.feed(
          repeat(
              Bytes.of(),
              100,
              bytes -> bytes.message(2, 0, 6, 0, Bytes.of().u32(777).u8(0).toArray())));
      assertThat(harness.replies.size() - before).isEqualTo(1);
    }
  }

  @Test
  void floodWhileThePublishIsDecidedIsBounded() {
    RecordingHandler handler = new RecordingHandler();
    handler.authorizer = _ -> new CompletableFuture<>();
    try (SessionHarness harness = new SessionHarness(handler)) {
      harness.feed(Bytes.of().publishing("a"));
      for (int i = 0; i < 100 && handler.summaries.isEmpty(); i++) {
        harness.feed(new byte[8 << 10]);
        assertThat(harness.peakBytes()).isLessThanOrEqualTo(MAX_UNAUTHENTICATED);
      }
      assertThat(harness.end().text()).contains("without waiting for the answer");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void randomBytesEndOrWaitAndAreBounded(boolean authenticated) {
    int ended = 0;
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      RecordingHandler handler = new RecordingHandler();
      try (SessionHarness harness = new SessionHarness(handler)) {
        harness.feed(authenticated ? Bytes.of().publishing("a") : Bytes.of().handshake());
        for (int i = 0; i < 50 && handler.summaries.isEmpty(); i++) {
          byte[] noise = new byte[1 + random.nextInt(3000)];
          random.nextBytes(noise);
          if (random.nextBoolean()) {
            noise[0] &= 0x3F; // more often a header that may stand here
          }
          harness.feed(noise);
        }
        ended += handler.summaries.size();
        assertThat(harness.peakBytes())
            .isLessThanOrEqualTo(
                authenticated ? RtmpSettings.defaults().maxBufferedBytes() : MAX_UNAUTHENTICATED);
      }
    }
    assertThat(ended).isGreaterThan(100);
  }

  /** Real conversations with bytes changed: nearer to the truth than noise, and so deeper in. */
  @ParameterizedTest
  @ValueSource(strings = {"obs29", "ffmpeg51", "gst122_rtmp2sink"})
  void changedRecordingsEndOrPlay(String name) throws IOException {
    byte[] recording;
    try (var in = HostileInputTest.class.getResourceAsStream("/rtmp/corpus/" + name + ".c2s")) {
      recording = in.readAllBytes();
    }
    int ended = 0;
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      byte[] changed = recording.clone();
      for (int i = random.nextInt(6); i >= 0; i--) {
        int range = random.nextBoolean() ? 1500 : changed.length - 3073;
        changed[3073 + random.nextInt(range)] = (byte) random.nextInt(256);
      }
      RecordingHandler handler = new RecordingHandler();
      try (SessionHarness harness = new SessionHarness(handler)) {
        harness.feed(changed, 1400);
        ended += handler.summaries.size();
      }
    }
    assertThat(ended).isBetween(10, 299);
  }

  /** All cases at once against one server on one loop, beside an honest publisher. */
  @Test
  @Timeout(60)
  void honestPublisherNoticesNothing() throws Exception {
    Loops loops = Loops.open(1, "rtmp-test");
    RecordingHandler handler = new RecordingHandler();
    RtmpServer server =
        RtmpServer.bind(
            loops,
            new InetSocketAddress("127.0.0.1", 0),
            RtmpSettings.defaults()
                .withDeadlines(
                    Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofSeconds(20)),
            null,
            handler);
    List<Socket> sockets = new ArrayList<>();
    try {
      String url = "rtmp://127.0.0.1:%d/live/honest".formatted(server.address().getPort());
      RtmpPublisher honest =
          RtmpPublisher.publish(
                  loops, RtmpTarget.parse(url), null, RtmpPublisherSettings.defaults())
              .toCompletableFuture()
              .get(10, TimeUnit.SECONDS);
      RecordingHandler.Recorded recorded = handler.awaitOpened();
      List<Case> cases = cases().filter(row -> !row.authenticated()).toList();
      int sent = 0;
      for (Case row : cases) {
        Socket socket = new Socket("127.0.0.1", server.address().getPort());
        sockets.add(socket);
        try {
          OutputStream out = socket.getOutputStream();
          out.write(row.bytes().get().toArray());
        } catch (IOException e) {
          // The server has closed on it, as it should.
        }
        assertThat(honest.video(sent, Unpooled.wrappedBuffer(new byte[] {(byte) sent}))).isTrue();
        sent++;
      }
      List<RtmpSessionSummary> ends = new ArrayList<>();
      for (Case row : cases) {
        ends.add(handler.awaitSummary());
      }
      assertThat(ends).noneMatch(end -> end.published());
      honest.unpublish().toCompletableFuture().get(10, TimeUnit.SECONDS);
      assertThat(recorded.end.get(10, TimeUnit.SECONDS).kind()).isEqualTo(EndReason.Kind.CLEAN);
      assertThat(recorded.of("video")).hasSize(sent);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
      server.shutdown("test is over").get(10, TimeUnit.SECONDS);
      assertThat(server.connections()).isZero();
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
    }
  }

  private static Case before(String name, String reason, Supplier<Bytes> bytes) {
    return new Case(name, EndReason.Kind.PROTOCOL_ERROR, reason, false, bytes);
  }

  private static Case refused(String name, String reason, Supplier<Bytes> bytes) {
    return new Case(name, EndReason.Kind.REJECTED, reason, false, bytes);
  }

  private static Case after(String name, String reason, Supplier<Bytes> bytes) {
    return new Case(name, EndReason.Kind.PROTOCOL_ERROR, reason, true, bytes);
  }

  private static Bytes connected() {
    return Bytes.of().handshake().connect("live");
  }

  private static Bytes unfinished(Bytes bytes, int streams, int announced, int sent) {
    for (int id = 4; id < 4 + streams; id++) {
      bytes.header0(id, 0, announced, 20, 0).zeros(sent);
    }
    return bytes;
  }

  private static Bytes repeat(Bytes bytes, int times, java.util.function.Consumer<Bytes> what) {
    for (int i = 0; i < times; i++) {
      what.accept(bytes);
    }
    return bytes;
  }

  private static byte[] filled(int value, int count) {
    byte[] bytes = new byte[count];
    java.util.Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
