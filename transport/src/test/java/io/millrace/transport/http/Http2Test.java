package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** HTTP/2 frames written by hand (RFC 9113 §4.1), by clients that misbehave. */
@ExtendWith(NoLeaks.class)
class Http2Test {
  private static final int DATA = 0x0;
  private static final int HEADERS = 0x1;
  private static final int RST_STREAM = 0x3;
  private static final int SETTINGS = 0x4;
  private static final int PING = 0x6;
  private static final int GOAWAY = 0x7;
  private static final int WINDOW_UPDATE = 0x8;
  private static final int CONTINUATION = 0x9;
  private static final int END_STREAM = 0x1;
  private static final int END_HEADERS = 0x4;
  private static final int ACK = 0x1;

  record Frame(int type, int flags, int stream, byte[] payload) {}

  /** A TLS connection that speaks frames. */
  private static final class Client implements AutoCloseable {
    final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    final Channel channel;

    Client(TestServer server) throws Exception {
      SslContext tls =
          SslContextBuilder.forClient()
              .sslProvider(SslProvider.JDK)
              .trustManager(TestServer.CREDENTIALS.chain())
              .protocols("TLSv1.3")
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      ApplicationProtocolConfig.Protocol.ALPN,
                      ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                      ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                      "h2"))
              .build();
      channel =
          new Bootstrap()
              .group(server.loops.group())
              .channel(server.loops.channel())
              .option(ChannelOption.SO_RCVBUF, 16_384)
              .handler(
                  new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                      channel.pipeline().addLast(tls.newHandler(channel.alloc(), "localhost", 0));
                      channel.pipeline().addLast(new Reader(frames));
                    }
                  })
              .connect(server.secure)
              .sync()
              .channel();
      SslHandler handler = channel.pipeline().get(SslHandler.class);
      handler.handshakeFuture().sync();
      assertThat(handler.applicationProtocol()).isEqualTo("h2");
      write(Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII));
      send(SETTINGS, 0, 0, new byte[0]);
    }

    void write(ByteBuf bytes) {
      channel.writeAndFlush(bytes);
    }

    void send(int type, int flags, int stream, byte[] payload) {
      ByteBuf frame = Unpooled.buffer(9 + payload.length);
      frame.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
      write(frame.writeBytes(payload));
    }

    void get(int stream, String path) {
      send(HEADERS, END_STREAM | END_HEADERS, stream, request("GET", path));
    }

    /** Waits for a frame of this type, dropping others. */
    Frame await(int type) throws InterruptedException {
      while (true) {
        Frame frame = frames.poll(10, TimeUnit.SECONDS);
        assertThat(frame).as("a frame of type %s", type).isNotNull();
        if (frame.type == type) {
          return frame;
        }
      }
    }

    void awaitClosed() {
      assertThat(channel.closeFuture().awaitUninterruptibly(10, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
      channel.close().awaitUninterruptibly();
    }
  }

  private static final class Reader extends SimpleChannelInboundHandler<ByteBuf> {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private final BlockingQueue<Frame> frames;

    Reader(BlockingQueue<Frame> frames) {
      this.frames = frames;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
      byte[] copy = new byte[bytes.readableBytes()];
      bytes.readBytes(copy);
      received.writeBytes(copy);
      ByteBuf all = Unpooled.wrappedBuffer(received.toByteArray());
      while (all.readableBytes() >= 9
          && all.readableBytes() >= 9 + all.getUnsignedMedium(all.readerIndex())) {
        byte[] payload = new byte[all.readUnsignedMedium()];
        int type = all.readUnsignedByte();
        int flags = all.readUnsignedByte();
        int stream = all.readInt();
        all.readBytes(payload);
        frames.add(new Frame(type, flags, stream, payload));
      }
      byte[] rest = new byte[all.readableBytes()];
      all.readBytes(rest);
      received.reset();
      received.writeBytes(rest);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }

  /** HPACK: indexed and literal fields without Huffman coding (RFC 7541 §6.1, §6.2.2). */
  private static byte[] request(String method, String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    literal(block, ":method", method);
    block.write(0x87); // :scheme https
    literal(block, ":path", path);
    literal(block, ":authority", "localhost");
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    assertThat(value.length()).isLessThan(127);
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private static int errorCode(Frame goAway) {
    return Unpooled.wrappedBuffer(goAway.payload).getInt(4);
  }

  @Test
  void rapidResetEndsTheConnection() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Client client = new Client(server)) {
      for (int i = 0; i < 2_000 && client.channel.isActive(); i++) {
        client.get(2 * i + 1, "/");
        client.send(RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
      }
      client.awaitClosed();
      assertThat(handled.get()).isLessThanOrEqualTo(201);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
    }
  }

  @Test
  void resetsThatTheServerIsMadeToSendCountToo() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Client client = new Client(server)) {
      for (int i = 0; i < 2_000 && client.channel.isActive(); i++) {
        client.get(2 * i + 1, "/");
        // A window update of 0 is a stream error (RFC 9113 §6.9): CVE-2025-55163.
        client.send(WINDOW_UPDATE, 0, 2 * i + 1, new byte[4]);
      }
      client.awaitClosed();
      assertThat(handled.get()).isLessThan(500);
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
    }
  }

  @Test
  void continuationFloodEndsTheConnection() throws Exception {
    try (TestServer server = new TestServer(exchange -> exchange.respond(HttpReply.of(204)));
        Client client = new Client(server)) {
      client.send(HEADERS, END_STREAM, 1, request("GET", "/"));
      for (int i = 0; i < 100 && client.channel.isActive(); i++) {
        client.send(CONTINUATION, 0, 1, new byte[0]);
      }
      client.awaitClosed();
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.PROTOCOL_ERROR));
      assertThat(server.stats.done).hasValue(0);
    }
  }

  @Test
  void headerBombIsRefused() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Client client = new Client(server)) {
      ByteArrayOutputStream block = new ByteArrayOutputStream();
      block.writeBytes(request("GET", "/"));
      for (int i = 0; i < 1000; i++) {
        literal(block, "x-" + i, "y".repeat(100));
      }
      byte[] all = block.toByteArray();
      int at = Math.min(all.length, 16_000);
      client.send(HEADERS, END_STREAM, 1, Arrays.copyOf(all, at));
      while (at < all.length && client.channel.isActive()) {
        int next = Math.min(all.length, at + 16_000);
        client.send(
            CONTINUATION,
            next == all.length ? END_HEADERS : 0,
            1,
            Arrays.copyOfRange(all, at, next));
        at = next;
      }
      TestServer.await(
          "431, reset, goaway or close",
          () ->
              !client.channel.isActive()
                  || client.frames.stream()
                      .anyMatch(
                          f -> f.type == GOAWAY || f.type == RST_STREAM || f.type == HEADERS));
      assertThat(handled).hasValue(0);
    }
  }

  @Test
  void pingFloodOfAClientThatDoesNotReadIsBounded() throws Exception {
    try (TestServer server = new TestServer(exchange -> {})) {
      assumeTrue(Epoll.isAvailable(), "needs epoll to make the kernel's send buffer small");
      // SOL_SOCKET, SO_SNDBUF: accepted sockets inherit it, and few answers fill it.
      var sendBuffer = new IntegerUnixChannelOption("SO_SNDBUF", 1, 7);
      server.server.listeners.forEach(it -> it.config().setOption(sendBuffer, 8_192));
      flood(server);
    }
  }

  private static void flood(TestServer server) throws Exception {
    try (Client client = new Client(server)) {
      client.await(SETTINGS);
      client.channel.config().setAutoRead(false);
      byte[] opaque = new byte[8];
      ByteBuf pings = Unpooled.buffer();
      for (int i = 0; i < 1_000; i++) {
        pings.writeMedium(8).writeByte(PING).writeByte(0).writeInt(0).writeBytes(opaque);
      }
      long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (server.stats.closed.isEmpty() && System.nanoTime() < deadlineNs) {
        client.channel.writeAndFlush(pings.retainedDuplicate()).awaitUninterruptibly(100);
      }
      pings.release();
      assertThat(server.stats.closed).isNotEmpty();
    }
  }

  @Test
  void streamsBeyondTheLimitAreRefused() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Client client = new Client(server)) {
      client.await(SETTINGS);
      client.send(SETTINGS, ACK, 0, new byte[0]);
      for (int i = 0; i < 129; i++) {
        client.get(2 * i + 1, "/");
      }
      Frame refusal = client.await(RST_STREAM);
      assertThat(refusal.stream).isEqualTo(2 * 128 + 1);
      assertThat(refusal.payload).containsExactly(0, 0, 0, 7); // REFUSED_STREAM
      assertThat(handled).hasValue(128);
    }
  }

  @Test
  void streamWhoseWindowStaysShutIsResetAndOthersGoOn() throws Exception {
    HttpLimits limits =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            Duration.ofMillis(300));
    byte[] big = new byte[1 << 20];
    HttpHandler handler =
        exchange ->
            exchange.respond(
                exchange.path().equals("/big") ? HttpReply.of(200, "x/y", big) : HttpReply.of(204));
    try (TestServer server = new TestServer(limits, handler);
        Client client = new Client(server)) {
      client.get(1, "/big");
      Frame reset = client.await(RST_STREAM);
      assertThat(reset.stream).isEqualTo(1);
      assertThat(server.stats.aborted).containsExactly(CloseReason.WRITE_TIMEOUT);
      client.get(3, "/small");
      assertThat(client.await(HEADERS).stream).isEqualTo(3);
      assertThat(server.stats.closed).isEmpty();
    }
  }

  @Test
  void requestThatNeverEndsIsReset() throws Exception {
    HttpLimits limits =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60));
    try (TestServer server = new TestServer(limits, exchange -> {});
        Client client = new Client(server)) {
      client.send(HEADERS, END_HEADERS, 1, request("PUT", "/x"));
      client.send(DATA, 0, 1, new byte[10]);
      assertThat(client.await(RST_STREAM).stream).isEqualTo(1);
      assertThat(server.stats.aborted).containsExactly(CloseReason.REQUEST_TIMEOUT);
    }
  }

  @Test
  void pathThatEscapesIs400() throws Exception {
    AtomicInteger handled = new AtomicInteger();
    try (TestServer server = new TestServer(exchange -> handled.incrementAndGet());
        Client client = new Client(server)) {
      client.get(1, "/live/..%2f..%2fetc");
      client.await(HEADERS);
      assertThat(new String(client.await(DATA).payload)).contains("\"status\":400");
      assertThat(handled).hasValue(0);
    }
  }

  @Test
  void idleConnectionGetsGoAwayAndIsClosed() throws Exception {
    HttpLimits limits =
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(60),
            Duration.ofMillis(200),
            Duration.ofSeconds(60));
    try (TestServer server = new TestServer(limits, exchange -> {});
        Client client = new Client(server)) {
      assertThat(errorCode(client.await(GOAWAY))).isZero();
      client.awaitClosed();
      TestServer.await("reason", () -> server.stats.closed.contains(CloseReason.IDLE));
    }
  }

  @Test
  void manyStreamsOfOneConnectionShareItFairly() throws Exception {
    byte[] big = new byte[2 << 20];
    try (TestServer server =
            new TestServer(exchange -> exchange.respond(HttpReply.of(200, "x/y", big)));
        HttpClient client =
            HttpClient.newBuilder()
                .sslContext(TestServer.trusting(TestServer.CREDENTIALS))
                .version(HttpClient.Version.HTTP_2)
                .build()) {
      client.send(
          HttpRequest.newBuilder(server.secureUri("/0")).build(), BodyHandlers.discarding());
      var responses = new ArrayList<CompletableFuture<Integer>>();
      for (int i = 0; i < 20; i++) {
        responses.add(
            client
                .sendAsync(
                    HttpRequest.newBuilder(server.secureUri("/" + i)).build(),
                    BodyHandlers.ofByteArray())
                .thenApply(response -> response.body().length));
      }
      for (var response : responses) {
        assertThat(response.get(20, TimeUnit.SECONDS)).isEqualTo(big.length);
      }
      assertThat(server.stats.opened).hasValue(1);
    }
  }
}
