package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.Channel;
import io.netty.handler.codec.http3.Http3ErrorCode;
import io.netty.handler.codec.quic.QuicStreamType;
import java.io.ByteArrayOutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** HTTP/3 and QUIC by clients that misbehave, each with an honest one beside it. */
@ExtendWith(NoLeaks.class)
class Http3HostileTest {
  private static final Duration LATE = Duration.ofSeconds(30);
  private static final HttpHandler DONE = exchange -> exchange.respond(HttpReply.of(204));

  // RFC 9114 §7.2, RFC 9204 §4.2
  private static final int DATA_FRAME = 0x0;
  private static final int HEADERS_FRAME = 0x1;
  private static final int QPACK_ENCODER_STREAM = 0x2;
  private static final int UNKNOWN_STREAM = 0x21;

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Type and length (RFC 9114 §7.1), the length in two bytes (RFC 9000 §16). */
  private static byte[] frame(int type, int size) {
    assertThat(size).isLessThan(1 << 14);
    return bytes(type, 0x40 | size >> 8, size);
  }

  private static byte[] frame(int type, byte[] payload) {
    return join(frame(type, payload.length), payload);
  }

  /** Literal field line with literal name, no Huffman coding (RFC 9204 §4.5.6). */
  private static byte[] field(String name, String value) {
    byte[] n = name.getBytes(StandardCharsets.US_ASCII);
    byte[] v = value.getBytes(StandardCharsets.US_ASCII);
    byte[] head = n.length < 7 ? bytes(0x20 | n.length) : bytes(0x27, n.length - 7);
    return join(head, n, bytes(v.length), v);
  }

  /** A field section that refers to nothing (RFC 9204 §4.5.1). */
  private static byte[] get(String path) {
    return join(
        bytes(0, 0),
        field(":method", "GET"),
        field(":scheme", "https"),
        field(":path", path),
        field(":authority", "localhost"));
  }

  private static void assertServed(Http3Client honest) throws Exception {
    assertThat(honest.get("/honest").awaitHead().status()).hasToString("204");
    assertThat(honest.channel.isActive()).isTrue();
  }

  /** Waits until the server allows one more stream; false when the connection has ended. */
  private static boolean hasRoom(Http3Client client, QuicStreamType type) {
    TestServer.await(
        "room for a stream",
        () -> client.channel.peerAllowedStreams(type) > 0 || !client.channel.isActive());
    return client.channel.isActive();
  }

  private static void assertClosed(TestServer server, Http3Client client, Http3ErrorCode why)
      throws Exception {
    assertThat(client.awaitClosed()).isEqualTo(why.code());
    TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
  }

  @Test
  void framesOfThisTestAreUnderstood() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Http3Client client = new Http3Client(server)) {
      client.raw(QuicStreamType.BIDIRECTIONAL, frame(HEADERS_FRAME, get("/raw")), true);
      TestServer.await("handled", () -> handled.get() == 1);
    }
  }

  @Test
  void rapidResetEndsTheConnection() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    HttpHandler parks =
        exchange -> {
          if (exchange.path().equals("/honest")) {
            exchange.respond(HttpReply.of(204));
          } else {
            handled.incrementAndGet();
          }
        };
    try (TestServer server = new TestServer(parks);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      for (int i = 0; i < 2_000 && hasRoom(client, QuicStreamType.BIDIRECTIONAL); i++) {
        Http3Client.Request request = client.request("POST", "/", false);
        CompletableFuture.anyOf(request.stream, request.failed).get(10, TimeUnit.SECONDS);
        request.stream.thenAccept(
            stream -> stream.shutdown(Http3ErrorCode.H3_REQUEST_CANCELLED.code()));
      }
      assertClosed(server, client, Http3ErrorCode.H3_EXCESSIVE_LOAD);
      assertThat(handled.get()).isLessThanOrEqualTo(201);
      assertServed(honest);
    }
  }

  @Test
  void resetsThatTheServerIsMadeToSendCountToo() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      byte[] malformed = join(get("/"), field("connection", "close")); // RFC 9114 §4.2
      for (int i = 0; i < 2_000 && hasRoom(client, QuicStreamType.BIDIRECTIONAL); i++) {
        client.tryRaw(QuicStreamType.BIDIRECTIONAL, frame(HEADERS_FRAME, malformed));
      }
      assertClosed(server, client, Http3ErrorCode.H3_EXCESSIVE_LOAD);
      assertServed(honest);
    }
  }

  @Test
  void oversizeHeadersEndTheConnectionBeforeTheyAreRead() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      byte[] gibibyte = bytes(HEADERS_FRAME, 0x80 | 0x3f, 0xff, 0xff, 0xff);
      client.raw(QuicStreamType.BIDIRECTIONAL, gibibyte, false);
      assertClosed(server, client, Http3ErrorCode.H3_EXCESSIVE_LOAD);
      assertThat(server.stats.done).hasValue(0);
      assertServed(honest);
    }
  }

  /** Each byte stands for a whole field of the static table (RFC 9204 §4.5.2, appendix A). */
  @Test
  void headersThatGrowWhenTheyAreUnpackedEndTheConnection() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      byte[] references = new byte[8_000];
      Arrays.fill(references, (byte) (0x80 | 0x40 | 46)); // content-type: …
      byte[] bomb = frame(HEADERS_FRAME, join(get("/"), references));
      client.raw(QuicStreamType.BIDIRECTIONAL, bomb, true);
      assertClosed(server, client, Http3ErrorCode.H3_EXCESSIVE_LOAD);
      assertServed(honest);
    }
  }

  @Test
  void qpackTableCannotBeFilled() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      byte[] capacity = bytes(QPACK_ENCODER_STREAM, 0x3f, 0xe1, 0x1f); // 4096, RFC 9204 §4.3.1
      client.raw(QuicStreamType.UNIDIRECTIONAL, capacity, false);
      assertClosed(server, client, Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR);
      assertServed(honest);
    }
  }

  @Test
  void qpackInsertIsRefused() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      byte[] insert = bytes(QPACK_ENCODER_STREAM, 0x41, 'a', 1, 'b'); // RFC 9204 §4.3.3
      client.raw(QuicStreamType.UNIDIRECTIONAL, insert, false);
      // The latter where Netty's own assertions are on, as in tests.
      assertThat(client.awaitClosed())
          .isIn(
              Http3ErrorCode.QPACK_ENCODER_STREAM_ERROR.code(),
              Http3ErrorCode.H3_GENERAL_PROTOCOL_ERROR.code());
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
      assertServed(honest);
    }
  }

  @Test
  void nobodyWaitsForAQpackTable() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      byte[] blocked = bytes(2, 0, 0x80); // an insert count of 1, and an entry to be inserted
      client.raw(QuicStreamType.BIDIRECTIONAL, frame(HEADERS_FRAME, blocked), true);
      assertClosed(server, client, Http3ErrorCode.QPACK_DECOMPRESSION_FAILED);
      assertServed(honest);
    }
  }

  @Test
  void floodOfUnknownStreamsEndsTheConnection() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      for (int i = 0; i < 1_000 && hasRoom(client, QuicStreamType.UNIDIRECTIONAL); i++) {
        client.tryRaw(QuicStreamType.UNIDIRECTIONAL, bytes(UNKNOWN_STREAM));
      }
      assertClosed(server, client, Http3ErrorCode.H3_EXCESSIVE_LOAD);
      assertServed(honest);
    }
  }

  @Test
  void floodOfEmptyDataFramesEndsTheRequest() throws Exception {
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      Http3Client.Raw flood =
          client.raw(QuicStreamType.BIDIRECTIONAL, frame(HEADERS_FRAME, get("/")), false);
      byte[] empty = bytes(DATA_FRAME, 0);
      for (int i = 0; i < 100; i++) {
        flood.write(empty, false);
      }
      assertThat(flood.reset().get(10, TimeUnit.SECONDS))
          .isEqualTo(Http3ErrorCode.H3_EXCESSIVE_LOAD.code());
      assertThat(server.stats.done).hasValue(0);
      assertServed(honest);
      assertServed(client);
    }
  }

  @Test
  void requestsThatNeverEndAreReset() throws Exception {
    HttpLimits limits = HttpLimits.DEFAULTS.withDeadlines(LATE, Duration.ofMillis(300), LATE, LATE);
    try (TestServer server = new TestServer(limits, DONE);
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      byte[] whole = frame(HEADERS_FRAME, get("/"));
      byte[] part = Arrays.copyOf(whole, whole.length / 2);
      Http3Client.Raw fields = client.raw(QuicStreamType.BIDIRECTIONAL, part, false);
      Http3Client.Raw content = client.raw(QuicStreamType.BIDIRECTIONAL, whole, false);
      for (Http3Client.Raw slow : new Http3Client.Raw[] {fields, content}) {
        assertThat(slow.reset().get(10, TimeUnit.SECONDS))
            .isEqualTo(Http3ErrorCode.H3_REQUEST_CANCELLED.code());
      }
      assertThat(server.stats.aborted).containsExactly(CloseReason.REQUEST_TIMEOUT);
      assertServed(honest);
      assertServed(client);
    }
  }

  @Test
  void moreStreamsThanAllowedAreNotOpened() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server =
            new TestServer(
                exchange -> {
                  if (exchange.path().equals("/honest")) {
                    exchange.respond(HttpReply.of(204));
                  } else {
                    handled.incrementAndGet();
                  }
                });
        Http3Client honest = new Http3Client(server);
        Http3Client client = new Http3Client(server)) {
      int allowed = HttpLimits.DEFAULTS.streamsPerConnection();
      for (int i = 0; i < allowed; i++) {
        client.get("/parked");
      }
      TestServer.await("all parked", () -> handled.get() == allowed);
      assertThat(client.channel.peerAllowedStreams(QuicStreamType.BIDIRECTIONAL)).isZero();
      assertThat(client.get("/more").failed.get(10, TimeUnit.SECONDS)).isNotNull();
      assertServed(honest);
    }
  }

  /** RFC 9000 §14.1: an Initial packet comes in a datagram of 1200 bytes at least. */
  @Test
  void shortOrBrokenDatagramsOpenNothing() throws Exception {
    Random random = new Random(7);
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        DatagramSocket socket = new DatagramSocket()) {
      for (int i = 0; i < 2_000; i++) {
        byte[] junk = new byte[1 + random.nextInt(1199)];
        random.nextBytes(junk);
        if (i % 2 == 0) {
          System.arraycopy(initial(random, junk.length), 0, junk, 0, junk.length);
        }
        socket.send(new DatagramPacket(junk, junk.length, server.secure));
      }
      assertServed(honest);
      try (Http3Client next = new Http3Client(server)) {
        assertServed(next);
      }
      assertThat(server.stats.opened).hasValue(2);
    }
  }

  @Test
  void initialPacketsThatDecryptToNothingLeaveNothing() throws Exception {
    Random random = new Random(8);
    try (TestServer server = new TestServer(DONE);
        Http3Client honest = new Http3Client(server);
        DatagramSocket socket = new DatagramSocket()) {
      for (int i = 0; i < 300; i++) {
        byte[] junk = initial(random, 1200);
        socket.send(new DatagramPacket(junk, junk.length, server.secure));
        if (i % 50 == 49) {
          assertServed(honest); // the kernel's buffer takes no more at once
        }
      }
      TestServer.await("gone", () -> server.server.connections() == 1);
      assertServed(honest);
    }
  }

  @Test
  void floodOfHandshakesHasCallersProveTheirAddressAndHonestOnesAreLetIn() throws Exception {
    HttpLimits limits = HttpLimits.DEFAULTS.withDeadlines(Duration.ofSeconds(1), LATE, LATE, LATE);
    try (TestServer server = new TestServer(limits, 20, true, DONE);
        Http3Client honest = new Http3Client(server);
        UdpRelay deaf = new UdpRelay(server.secure)) {
      deaf.hold();
      Channel flood = Http3Client.dangling(server, deaf.address, 60);
      Http3Listener listener = server.server.quicListeners.getFirst();
      TestServer.await("asked for proof", () -> listener.retries() >= 40);
      // Each loop looks at the count before it adds to it, so one more each may slip in.
      assertThat(server.stats.opened.get()).isLessThanOrEqualTo(1 + 20 + 2);
      assertServed(honest);
      try (Http3Client next = new Http3Client(server)) {
        assertServed(next);
      }
      flood.close().sync();
      TestServer.await("given up", () -> server.stats.closed.contains(CloseReason.TLS_FAILED));
      TestServer.await("all given up", () -> server.server.connections() == 1);
      int retries = listener.retries();
      try (Http3Client later = new Http3Client(server)) {
        assertServed(later);
      }
      assertThat(listener.retries()).as("no more round trips than needed").isEqualTo(retries);
    }
  }

  /** The head of an Initial packet with random ids and nothing that decrypts. */
  private static byte[] initial(Random random, int size) {
    byte[] packet = new byte[Math.max(size, 40)];
    random.nextBytes(packet);
    byte[] head = bytes(0xc0, 0, 0, 0, 1, 8);
    System.arraycopy(head, 0, packet, 0, head.length);
    packet[14] = 8; // length of the source id
    packet[23] = 0; // no token
    packet[24] = (byte) (0x40 | (packet.length - 26) >> 8);
    packet[25] = (byte) (packet.length - 26);
    return packet;
  }
}
