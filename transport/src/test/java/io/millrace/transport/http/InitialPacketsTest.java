package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetSocketAddress;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is let through to the QUIC codec, and when it is told to go on. */
class InitialPacketsTest {
  private static final InetSocketAddress TO = new InetSocketAddress("127.0.0.1", 8443);
  private static final InetSocketAddress FROM = new InetSocketAddress("127.0.0.1", 4433);
  private static final int INITIAL = 0xc3;
  private static final int ZERO_RTT = 0xd3;
  private static final int HANDSHAKE = 0xe3;
  private static final int SHORT = 0x43;

  private final InitialPackets initials = new InitialPackets();
  private int readsEnded;
  private final EmbeddedChannel channel =
      new EmbeddedChannel(
          new DatagramFilter(),
          initials,
          new ChannelInboundHandlerAdapter() {
            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {
              readsEnded++;
            }
          });

  private static ByteBuf packet(int first, int version, int size) {
    ByteBuf bytes = Unpooled.buffer(Math.max(size, 16));
    bytes.writeByte(first).writeInt(version).writeByte(8).writeLong(0x0102030405060708L);
    return bytes.writerIndex(size);
  }

  /** True when the codec gets to see it; else it has to be released. */
  private boolean passes(ByteBuf bytes) {
    channel.pipeline().fireChannelRead(new DatagramPacket(bytes, TO, FROM));
    DatagramPacket seen = channel.readInbound();
    if (seen == null) {
      assertThat(bytes.refCnt()).isZero();
      return false;
    }
    seen.release();
    return true;
  }

  @Test
  void initialPacketsComeInLargeDatagrams() {
    assertThat(passes(packet(INITIAL, 1, 1199))).isFalse();
    assertThat(passes(packet(INITIAL, 1, 1200))).isTrue();
  }

  @Test
  void codecGoesOnAfterEachInitialPacket() {
    assertThat(passes(packet(INITIAL, 1, 1200))).isTrue();
    assertThat(readsEnded).isEqualTo(1);
    assertThat(passes(packet(SHORT, 1, 1200))).isTrue();
    assertThat(passes(packet(ZERO_RTT, 1, 1200))).isTrue();
    assertThat(readsEnded).isEqualTo(1);
  }

  @Test
  void packetsOfConnectionsPassWhenTheirIdIsThere() {
    assertThat(passes(packet(SHORT, 1, 20))).isFalse();
    assertThat(passes(packet(SHORT, 1, 21))).isTrue();
    assertThat(passes(packet(ZERO_RTT, 1, 100))).isTrue();
    assertThat(passes(packet(HANDSHAKE, 1, 100))).isTrue();
  }

  @Test
  void versionsAreNegotiatedWithWhoSendsAsMuch() {
    assertThat(passes(packet(INITIAL, 0x1a2a3a4a, 300))).isFalse();
    assertThat(passes(packet(HANDSHAKE, 0x1a2a3a4a, 300))).isFalse();
    assertThat(passes(packet(INITIAL, 0x1a2a3a4a, 1200))).isTrue();
  }

  @Test
  void nothingOpensAfterTheEnd() {
    initials.stop();
    assertThat(passes(packet(INITIAL, 1, 1200))).isFalse();
    assertThat(passes(packet(SHORT, 1, 1200))).isTrue();
  }

  @Test
  void anyBytesAreBorne() {
    Random random = new Random(9);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[i % 2 == 0 ? 1 + random.nextInt(30) : 1200 + random.nextInt(30)];
      random.nextBytes(bytes);
      if (bytes.length > 5 && i % 3 == 0) {
        System.arraycopy(new byte[] {(byte) INITIAL, 0, 0, 0, 1}, 0, bytes, 0, 5);
      }
      passes(Unpooled.wrappedBuffer(bytes));
    }
    assertThat(channel.isActive()).isTrue();
  }
}
