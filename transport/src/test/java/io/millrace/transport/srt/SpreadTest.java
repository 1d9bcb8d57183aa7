package io.millrace.transport.srt;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.http.NoLeaks;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many connections on one port, over several loops. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
class SpreadTest {
  private static final int CONNECTIONS = 24;
  private static final int MESSAGES = 200;
  private static final int MESSAGE_BYTES = 188;

  private record Sender(SrtCall call, RecordingSrtHandler.Recorded recorded) {}

  /** With one socket for all loops most packets are handed over; with one each, few or none. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void connectionsAreSpreadAndEachGetsItsOwn(boolean nio) throws Exception {
    Loops loops =
        nio
            ? new Loops(
                new MultiThreadIoEventLoopGroup(3, NioIoHandler.newFactory()),
                NioServerSocketChannel.class,
                NioSocketChannel.class)
            : Loops.open(3, "srt-test");
    RecordingSrtHandler handler = new RecordingSrtHandler();
    try (SrtServer server =
        SrtServer.bind(
            loops, new InetSocketAddress("127.0.0.1", 0), SrtSettings.defaults(), handler)) {
      List<Sender> senders = new ArrayList<>();
      for (int i = 0; i < CONNECTIONS; i++) {
        SrtCall call =
            SrtCaller.connect(
                    loops.group().next(),
                    server.address(),
                    SrtCallerSettings.of("live/cam" + i, null),
                    new Ignored())
                .get(5, TimeUnit.SECONDS);
        senders.add(new Sender(call, handler.opened.poll(5, TimeUnit.SECONDS)));
      }
      Map<EventLoop, Long> spread =
          senders.stream()
              .map(each -> each.recorded.publication.eventLoop())
              .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
      assertThat(spread).hasSize(3);
      assertThat(spread.values()).allMatch(count -> count >= CONNECTIONS / 3 - 3);

      for (int message = 0; message < MESSAGES; message++) {
        for (int i = 0; i < CONNECTIONS; i++) {
          senders.get(i).call.send(Unpooled.wrappedBuffer(message(i, message)));
        }
        if (message % 20 == 0) { // no faster than the slowest
          senders.getLast().recorded.awaitEnding(message(CONNECTIONS - 1, message), 5_000);
        }
      }
      for (int i = 0; i < CONNECTIONS; i++) {
        byte[] got = senders.get(i).recorded.awaitEnding(message(i, MESSAGES - 1), 5_000);
        assertThat(got).hasSize(MESSAGES * MESSAGE_BYTES);
        for (int message = 0; message < MESSAGES; message++) {
          assertThat(got[message * MESSAGE_BYTES + 1]).isEqualTo((byte) i);
          assertThat(got[message * MESSAGE_BYTES + 2]).isEqualTo((byte) message);
        }
      }
      assertThat(server.droppedPackets()).isZero();
      server.shutdown("test is over").get(5, TimeUnit.SECONDS);
      assertThat(server.connections()).isZero();
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
    }
  }

  private static byte[] message(int connection, int message) {
    byte[] bytes = new byte[MESSAGE_BYTES];
    Arrays.fill(bytes, (byte) 0x47);
    bytes[1] = (byte) connection;
    bytes[2] = (byte) message;
    return bytes;
  }

  private static final class Ignored implements SrtPublicationListener {
    @Override
    public void onPayload(ByteBuf payload, long sourceTimeUs) {
      payload.release();
    }

    @Override
    public void onEnd(EndReason reason) {}
  }
}
