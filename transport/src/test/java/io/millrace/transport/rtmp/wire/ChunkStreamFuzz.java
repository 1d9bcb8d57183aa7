package io.millrace.transport.rtmp.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Fuzz target: a chunk stream. The first byte chooses the pieces in which it is read and the chunk
 * size in which its messages are written again.
 *
 * <p>It is refused by an {@link RtmpProtocolException} or taken; pieces make no difference;
 * messages are no more than the bytes that came and are the same again when they are written and
 * read; what is held is within the limits, and released.
 */
public final class ChunkStreamFuzz {
  private static final ChunkLimits LIMITS = new ChunkLimits(32 << 10, 64 << 10);

  private record Message(int type, int stream, long timestampMs, String body) {}

  private ChunkStreamFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length == 0) {
      return;
    }
    byte[] stream = Arrays.copyOfRange(data, 1, data.length);
    Run whole = new Run(stream, Math.max(1, stream.length));
    Run pieces = new Run(stream, 1 + (data[0] & 0x1F));
    assertThat(pieces.messages).isEqualTo(whole.messages);
    assertThat(pieces.refusal).isEqualTo(whole.refusal);
    int bytes = whole.messages.stream().mapToInt(message -> message.body().length() / 2).sum();
    assertThat(bytes).isLessThanOrEqualTo(stream.length);
    thereAndBack(whole.messages, 1 << (data[0] >> 5 & 7) + 4);
  }

  /** One reader over the whole stream. */
  private static final class Run {
    final List<Message> messages = new ArrayList<>();
    @Nullable String refusal;

    Run(byte[] stream, int pieceBytes) {
      UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
      ChunkReader reader = new ChunkReader(allocator, LIMITS);
      try {
        for (int at = 0; at < stream.length; at += pieceBytes) {
          ByteBuf in = Unpooled.wrappedBuffer(stream, at, Math.min(pieceBytes, stream.length - at));
          while (reader.readMessage(in, this::message)) {
            assertThat(reader.heldBytes()).isBetween(0, LIMITS.maxHeldBytes());
          }
          assertThat(in.isReadable()).isFalse();
          assertThat(reader.heldBytes()).isBetween(0, LIMITS.maxHeldBytes());
          assertThat(allocator.metric().usedHeapMemory()).isEqualTo(reader.heldBytes());
        }
      } catch (RtmpProtocolException e) {
        refusal = e.getMessage();
        assertThat(refusal).isNotBlank().hasSizeLessThan(200);
      } finally {
        reader.release();
      }
      assertThat(reader.heldBytes()).isZero();
      assertThat(allocator.metric().usedHeapMemory()).as("heap left").isZero();
    }

    private void message(int type, int messageStreamId, long timestampMs, ByteBuf body) {
      assertThat(body.readableBytes()).isLessThanOrEqualTo(LIMITS.maxMessageBytes());
      assertThat(timestampMs).isBetween(0L, 0xFFFF_FFFFL);
      messages.add(new Message(type, messageStreamId, timestampMs, ByteBufUtil.hexDump(body)));
      body.release();
    }
  }

  private static void thereAndBack(List<Message> messages, int chunkBytes) {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    ChunkWriter writer = new ChunkWriter(allocator);
    ByteBuf written = Unpooled.buffer();
    // Set Chunk Size, on a chunk stream of its own.
    writer.write(2, 1, 0, 0, Unpooled.buffer(4).writeInt(chunkBytes), out -> append(out, written));
    writer.chunkBytes(chunkBytes);
    for (Message message : messages) {
      byte[] body = HexFormat.of().parseHex(message.body());
      writer.write(
          3 + message.type() % 8,
          message.type(),
          message.stream(),
          message.timestampMs(),
          Unpooled.wrappedBuffer(body),
          out -> append(out, written));
    }
    assertThat(allocator.metric().usedHeapMemory()).as("heap left by the writer").isZero();
    Run again = new Run(ByteBufUtil.getBytes(written), Math.max(1, written.readableBytes()));
    assertThat(again.refusal).isNull();
    assertThat(again.messages).isEqualTo(messages);
  }

  private static void append(ByteBuf out, ByteBuf to) {
    to.writeBytes(out);
    out.release();
  }

  public static List<byte[]> seeds() {
    HexFormat hex = HexFormat.of();
    List<byte[]> seeds = new ArrayList<>();
    for (String text :
        List.of(
            "00 03 000000 000003 14 00000000 010203",
            "25 02 000000 000004 01 00000000 00001000 04 000010 000010 08 01000000 "
                + "af01".repeat(8)
                + " 44 000015 000004 08 aabbccdd 84 000015 11223344 c4 55667788",
            "47 06 ffffff 000085 09 01000000 01020304 "
                + "17".repeat(128)
                + "c6 01020304 1111111111",
            "63 06 ffffff 000085 09 01000000 01020304 " + "17".repeat(128) + "c6 1111111111",
            "91 43 000000 000000 04 02 000000 000004 02 00000000 00000003",
            "01 00 00 000001 000001 08 01000000 ff 01 0000 000001 000001 08 01000000 ff",
            "02 42 000000 000004 05 002625a0 02 000000 000004 01 00000000 7fffffff")) {
      seeds.add(hex.parseHex(text.replace(" ", "")));
    }
    return seeds;
  }
}
