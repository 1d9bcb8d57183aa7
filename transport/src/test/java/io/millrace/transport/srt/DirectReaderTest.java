package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.transport.Loops;
import io.millrace.transport.http.NoLeaks;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.unix.SegmentedDatagramPacket;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Datagrams of real sockets, read past Netty's channel. */
@Timeout(30)
@ExtendWith(NoLeaks.class)
class DirectReaderTest {
  private static final int SEGMENT_BYTES = 1_332;
  private static final int SEGMENTS = 20;
  private static final int LAST_BYTES = 204;

  private final Loops loops = Loops.open(1, "srt-test");
  private final EventLoop loop = loops.group().next();

  private record Datagram(byte[] bytes, InetSocketAddress from) {}

  /** Keeps everything. */
  private static final class Recording implements DirectReader.Sink {
    private final BlockingQueue<Datagram> datagrams = new LinkedBlockingQueue<>();
    private final BlockingQueue<Throwable> errors = new LinkedBlockingQueue<>();

    @Override
    public void onDatagram(ByteBuf datagram, Source from) {
      byte[] bytes = ByteBufUtil.getBytes(datagram);
      if (bytes.length == 1) {
        throw new IllegalStateException("not this one");
      }
      datagrams.add(new Datagram(bytes, from.address()));
    }

    @Override
    public void onTurnEnd() {}

    @Override
    public void onError(Throwable thrown) {
      errors.add(thrown);
    }

    @Override
    public void onUnreadable(String why) {
      errors.add(new IOException(why));
    }

    private Datagram next() throws InterruptedException {
      Datagram next = datagrams.poll(5, TimeUnit.SECONDS);
      assertThat(next).as("a datagram").isNotNull();
      return next;
    }
  }

  @BeforeEach
  void hasDirectReading() {
    assumeTrue(ReceivePath.DIRECT.on(loop) == ReceivePath.DIRECT, "no direct reading here");
  }

  @AfterEach
  void stop() throws Exception {
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
  }

  private EpollDatagramChannel socket(String address, boolean gro) throws Exception {
    return (EpollDatagramChannel)
        new Bootstrap()
            .group(loop)
            .channel(EpollDatagramChannel.class)
            .option(ChannelOption.AUTO_READ, false)
            .option(EpollChannelOption.UDP_GRO, gro)
            .handler(new ChannelInboundHandlerAdapter())
            .bind(address, 0)
            .sync()
            .channel();
  }

  private DirectReader read(EpollDatagramChannel socket, DirectReader.Sink sink) throws Exception {
    return loop.submit(() -> DirectReader.start(socket, sink)).get(5, TimeUnit.SECONDS);
  }

  /** One send of many segments (UDP_SEGMENT), each with a content of its own. */
  private void sendSegments(InetSocketAddress to) throws Exception {
    EpollDatagramChannel sender = socket("127.0.0.1", false);
    ByteBuf content = Unpooled.directBuffer();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      content.writeBytes(segment(segment));
    }
    sender
        .writeAndFlush(new SegmentedDatagramPacket(content, SEGMENT_BYTES, to))
        .get(5, TimeUnit.SECONDS);
    sender.close().get(5, TimeUnit.SECONDS);
  }

  private static byte[] segment(int index) {
    byte[] bytes = new byte[index < SEGMENTS - 1 ? SEGMENT_BYTES : LAST_BYTES];
    Arrays.fill(bytes, (byte) (index + 1));
    return bytes;
  }

  @Test
  void kernelJoinsSegmentsAndSaysHowLongTheyAre() throws Exception {
    EpollDatagramChannel socket = socket("127.0.0.1", true);
    sendSegments(socket.localAddress());
    ReceiveRing ring = ReceiveRing.current();
    int slots;
    do {
      slots = ring.receive(socket.fd().intValue());
    } while (slots == -Libc.EAGAIN);
    assertThat(slots).isEqualTo(1);
    assertThat(ring.bytes(0)).isEqualTo((SEGMENTS - 1) * SEGMENT_BYTES + LAST_BYTES);
    assertThat(ring.segmentBytes(0)).isEqualTo(SEGMENT_BYTES);
    ring.reset(0);
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void segmentsAreDatagramsAgain(boolean gro) throws Exception {
    EpollDatagramChannel socket = socket("127.0.0.1", gro);
    Recording sink = new Recording();
    read(socket, sink);
    sendSegments(socket.localAddress());
    InetSocketAddress from = null;
    for (int segment = 0; segment < SEGMENTS; segment++) {
      Datagram datagram = sink.next();
      assertThat(datagram.bytes).as("segment %d", segment).isEqualTo(segment(segment));
      from = from == null ? datagram.from : from;
      assertThat(datagram.from).isEqualTo(from);
    }
    assertThat(sink.errors).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1, 127.0.0.1", "::1, ::1", "::, ::1", "::, 127.0.0.1"})
  void sendersAddressIsRight(String here, String there) throws Exception {
    EpollDatagramChannel socket;
    try {
      socket = socket(here, false);
    } catch (IOException e) {
      assumeTrue(false, "no IPv6 here");
      return;
    }
    Recording sink = new Recording();
    read(socket, sink);
    try (DatagramSocket sender = new DatagramSocket(0, InetAddress.getByName(there))) {
      InetSocketAddress from = (InetSocketAddress) sender.getLocalSocketAddress();
      InetSocketAddress to = new InetSocketAddress(there, socket.localAddress().getPort());
      sender.send(new DatagramPacket(new byte[] {1, 2, 3}, 3, to));
      Datagram datagram = sink.next();
      assertThat(datagram.bytes).containsExactly(1, 2, 3);
      assertThat(datagram.from).isEqualTo(from);
    }
  }

  @Test
  void peersAreToldFromOthersByNumbers() throws Exception {
    Source source = new Source();
    source.setIpv4(0xC0000201, 9000);
    assertThat(peer("192.0.2.1", 9000).is(source)).isTrue();
    assertThat(peer("192.0.2.1", 9001).is(source)).isFalse();
    assertThat(peer("192.0.2.2", 9000).is(source)).isFalse();
    assertThat(source.address()).isEqualTo(new InetSocketAddress("192.0.2.1", 9000));
    source.setIpv6(0x20010db8_00000000L, 7, 9000, 0);
    assertThat(peer("2001:db8::7", 9000).is(source)).isTrue();
    assertThat(peer("2001:db9::7", 9000).is(source)).isFalse();
    assertThat(peer("2001:db8::8", 9000).is(source)).isFalse();
    assertThat(peer("192.0.2.1", 9000).is(source)).isFalse();
    source.setIpv6(0, 0xFFFF_C0000201L, 9000, 0);
    assertThat(peer("192.0.2.1", 9000).is(source)).as("mapped").isTrue();
    Source copy = new Source();
    copy.copy(source);
    source.set(new InetSocketAddress("192.0.2.9", 9000));
    assertThat(peer("192.0.2.1", 9000).is(copy)).isTrue();
    assertThat(peer("192.0.2.9", 9000).is(source)).isTrue();
  }

  private static Source.Peer peer(String address, int port) {
    return new Source.Peer(new InetSocketAddress(address, port));
  }

  @Test
  void readingGoesOnWhenADatagramWasNotTaken() throws Exception {
    EpollDatagramChannel socket = socket("127.0.0.1", false);
    Recording sink = new Recording();
    read(socket, sink);
    try (DatagramSocket sender = new DatagramSocket()) {
      for (int bytes = 1; bytes <= 2; bytes++) {
        sender.send(new DatagramPacket(new byte[bytes], bytes, socket.localAddress()));
      }
    }
    assertThat(sink.next().bytes).hasSize(2);
    assertThat(sink.errors.poll(5, TimeUnit.SECONDS)).hasMessage("not this one");
  }

  @Test
  void channelReadsWhenTheReaderCannot() throws Exception {
    BlockingQueue<InetSocketAddress> handshakes = new LinkedBlockingQueue<>();
    SrtPort port = new SrtPort(loop, 0, Ticker.systemTicker(), ReceivePath.JOINED);
    ChannelInboundHandlerAdapter starter =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void channelRegistered(ChannelHandlerContext context) {
            port.start(
                new SrtPort[] {port}, (_, from, _) -> handshakes.add(from), context.channel());
            context.pipeline().addLast(port);
          }
        };
    EpollDatagramChannel socket =
        (EpollDatagramChannel)
            UdpChannels.bind(loop, new InetSocketAddress("127.0.0.1", 0), 1 << 16, true, starter);
    byte[] handshake = new byte[64];
    handshake[0] = (byte) 0x80;
    try (DatagramSocket sender = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
      DatagramPacket packet =
          new DatagramPacket(handshake, handshake.length, socket.localAddress());
      sender.send(packet);
      assertThat(handshakes.poll(5, TimeUnit.SECONDS)).isEqualTo(sender.getLocalSocketAddress());
      assertThat(socket.config().isAutoRead()).isFalse();
      assertThat(socket.config().isUdpGro()).isTrue();
      loop.submit(() -> port.onUnreadable("the test says so")).get(5, TimeUnit.SECONDS);
      sender.send(packet);
      assertThat(handshakes.poll(5, TimeUnit.SECONDS)).isEqualTo(sender.getLocalSocketAddress());
      assertThat(socket.config().isAutoRead()).isTrue();
      assertThat(socket.config().isUdpGro()).isFalse();
    }
  }

  /** The second descriptor would keep it. */
  @Test
  void closedServerGivesItsAddressBack() throws Exception {
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", 0);
    for (int round = 0; round < 10; round++) {
      SrtServer server =
          SrtServer.bind(loops, address, SrtSettings.defaults(), new RecordingSrtHandler());
      address = server.address();
      server.shutdown("again").get(5, TimeUnit.SECONDS);
    }
  }
}
