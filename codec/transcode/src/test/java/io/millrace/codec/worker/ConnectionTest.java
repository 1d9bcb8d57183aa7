package io.millrace.codec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.TrackEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What one end sends the other one reads, and nothing else is taken. */
class ConnectionTest {
  private SocketPair pair;
  private Connection server;
  private Connection worker;

  @BeforeEach
  void connect() throws IOException {
    pair = SocketPair.open();
    server = new Connection(pair.server());
    worker = new Connection(pair.worker());
  }

  @AfterEach
  void close() {
    server.close();
    worker.close();
  }

  @Test
  void everyMessageArrivesAsItWasSent() throws IOException {
    for (Message message : Messages.all()) {
      String sent = Messages.dump(message);
      worker.send(message);
      Message received = server.receive();
      assertThat(Messages.dump(received)).isEqualTo(sent);
      Messages.release(received);
    }
  }

  @Test
  void aPayloadLargerThanAnyBufferArrivesWholeAndIsReleased() throws Exception {
    ByteBuf large = ByteBufAllocator.DEFAULT.buffer();
    byte[] content = new byte[2_800_000];
    new Random(1).nextBytes(content);
    large.writeBytes(content);
    ByteBuf copy = Unpooled.copiedBuffer(large);
    var sending =
        CompletableFuture.runAsync(
            () -> {
              try {
                worker.send(new Message.Event(0, new TrackEvent.Sample(0, 1, 2, 3, false, large)));
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
    Message.Event event = (Message.Event) server.receive();
    sending.join();
    TrackEvent.Sample sample = (TrackEvent.Sample) event.event();
    assertThat(sample.payload()).isEqualTo(copy);
    assertThat(large.refCnt()).isZero();
    sample.release();
    assertThat(sample.payload().refCnt()).isZero();
  }

  @Test
  void theEndBetweenMessagesIsAnEndAndInsideOneAFault() throws IOException {
    worker.send(new Message.Ready());
    pair.worker().write(ByteBuffer.wrap(new byte[] {0, 0, 0, 9, 8}));
    worker.disconnect();
    assertThat(server.receive()).isInstanceOf(Message.Ready.class);
    assertThatThrownBy(server::receive).isInstanceOf(WireException.class);
  }

  @Test
  void nothingIsLeftBehindTheLastMessage() throws IOException {
    worker.disconnect();
    assertThat(server.receive()).isNull();
  }

  @Test
  void aSizeIsCheckedBeforeItIsBelieved() throws IOException {
    for (int type = 0; type < MessageSyntax.Type.values().length; type++) {
      try (SocketPairEnds ends = new SocketPairEnds()) {
        ends.write(0x7F, 0xFF, 0xFF, 0xFF, type);
        assertThatThrownBy(ends.server::receive).isInstanceOf(WireException.class);
      }
    }
  }

  @Test
  void aTypeThatIsNoneEndsIt() throws IOException {
    pair.worker().write(ByteBuffer.wrap(new byte[] {0, 0, 0, 1, 99}));
    assertThatThrownBy(server::receive)
        .isInstanceOf(WireException.class)
        .hasMessageContaining("99");
  }

  /** Bytes turned over, left out and put in: either a message or a fault of the other side. */
  @Test
  void damagedMessagesAreRefusedOrStillMessages() {
    Random random = new Random(20_261_128);
    List<byte[]> frames = new ArrayList<>();
    for (Message message : Messages.all()) {
      ByteBuf frame = Unpooled.buffer();
      MessageSyntax.write(message, frame);
      if (message instanceof Message.Event(int _, TrackEvent.Sample sample)) {
        frame.writeBytes(sample.payload());
      }
      frames.add(io.netty.buffer.ByteBufUtil.getBytes(frame));
    }
    int refused = 0;
    for (int i = 0; i < 8_000; i++) {
      byte[] frame = damaged(frames.get(random.nextInt(frames.size())).clone(), random);
      ByteBuf body = Unpooled.wrappedBuffer(frame);
      try {
        MessageSyntax.Type type = MessageSyntax.type(body.readUnsignedByte());
        Message read = MessageSyntax.read(type, body);
        Messages.dump(read);
        Messages.release(read);
      } catch (WireException e) {
        refused++;
      }
      body.release();
      assertThat(body.refCnt()).isZero();
    }
    assertThat(refused).isGreaterThan(2_000);
  }

  private static byte[] damaged(byte[] frame, Random random) {
    int cut = random.nextInt(4) == 0 ? 1 + random.nextInt(frame.length) : frame.length;
    byte[] damaged = java.util.Arrays.copyOf(frame, cut + (random.nextInt(8) == 0 ? 3 : 0));
    for (int n = random.nextInt(4); n > 0; n--) {
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
    }
    return damaged;
  }

  /** A pair for one try. */
  private static final class SocketPairEnds implements AutoCloseable {
    private final SocketPair pair = SocketPair.open();
    private final Connection server = new Connection(pair.server());

    SocketPairEnds() throws IOException {}

    void write(int... bytes) throws IOException {
      ByteBuffer buffer = ByteBuffer.allocate(bytes.length);
      for (int value : bytes) {
        buffer.put((byte) value);
      }
      pair.worker().write(buffer.flip());
    }

    @Override
    public void close() throws IOException {
      server.close();
      pair.worker().close();
    }
  }
}
