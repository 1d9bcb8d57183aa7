package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A TLS connection that speaks frames. */
final class Http2Client implements AutoCloseable {
  static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  static final int DATA = 0x0;
  static final int HEADERS = 0x1;
  static final int PRIORITY = 0x2;
  static final int RST_STREAM = 0x3;
  static final int SETTINGS = 0x4;
  static final int PUSH_PROMISE = 0x5;
  static final int PING = 0x6;
  static final int GOAWAY = 0x7;
  static final int WINDOW_UPDATE = 0x8;
  static final int CONTINUATION = 0x9;
  static final int END_STREAM = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int HAS_PRIORITY = 0x20;
  static final int ACK = 0x1;

  record Frame(int type, int flags, int stream, byte[] payload) {}

  final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
  final Channel channel;

  private static final SslContext TLS = tls();

  private static SslContext tls() {
    try {
      return SslContextBuilder.forClient()
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
    } catch (SSLException e) {
      throw new AssertionError(e);
    }
  }

  /** Sends the preface (RFC 9113 §3.4), and after it an empty SETTINGS. */
  Http2Client(TestServer server) throws Exception {
    this(server, PREFACE);
    send(SETTINGS, 0, 0, new byte[0]);
  }

  /**
   * Sends this and nothing more.
   *
   * @param first the preface, or what a client sends that knows none
   */
  Http2Client(TestServer server, String first) throws Exception {
    channel =
        new Bootstrap()
            .group(server.loops.group())
            .channel(server.loops.channel())
            .option(ChannelOption.SO_RCVBUF, 16_384)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(TLS.newHandler(channel.alloc(), "localhost", 0));
                    channel.pipeline().addLast(new Reader(frames));
                  }
                })
            .connect(server.secure)
            .sync()
            .channel();
    SslHandler handler = channel.pipeline().get(SslHandler.class);
    handler.handshakeFuture().sync();
    assertThat(handler.applicationProtocol()).isEqualTo("h2");
    write(Unpooled.copiedBuffer(first, StandardCharsets.US_ASCII));
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
  static byte[] request(String method, String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    literal(block, ":method", method);
    block.write(0x87); // :scheme https
    literal(block, ":path", path);
    literal(block, ":authority", "localhost");
    return block.toByteArray();
  }

  static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    assertThat(value.length()).isLessThan(127);
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }
}
