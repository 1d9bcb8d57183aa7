package io.millrace.transport.rtmp.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChunkTest {
  private record Message(int type, int stream, long timestampMs, String body) {}

  private static final ChunkLimits LIMITS = new ChunkLimits(1 << 20, 1 << 20);

  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
  private final ChunkReader reader = new ChunkReader(allocator, LIMITS);

  @AfterEach
  void nothingIsLeft() {
    reader.release();
    assertThat(reader.heldBytes()).isZero();
    assertThat(allocator.metric().usedHeapMemory()).isZero();
  }

  // The header types, drawn in hex as in §5.3.1.2.

  @Test
  void headerTypesTakeOverWhatTheyLeaveOut() {
    assertThat(
            read(
                "03 00000a 000002 08 01000000 aaaa" // type 0
                    + "43 000005 000001 09 bb" // type 1: the stream
                    + "83 000007 cc" // type 2: length and type as well
                    + "c3 dd")) // type 3: the delta as well
        .containsExactly(
            new Message(8, 1, 10, "aaaa"),
            new Message(9, 1, 15, "bb"),
            new Message(9, 1, 22, "cc"),
            new Message(9, 1, 29, "dd"));
  }

  @Test
  void type3AfterType0AddsTheTimestampItself() {
    assertThat(read("03 00000a 000001 08 01000000 aa c3 bb"))
        .containsExactly(new Message(8, 1, 10, "aa"), new Message(8, 1, 20, "bb"));
  }

  @Test
  void chunkStreamIdsHaveThreeForms() {
    assertThat(
            read(
                "3f 000000 000001 08 01000000 aa" // 63
                    + "00 00 000000 000001 08 02000000 bb" // 64
                    + "00 ff 000000 000001 08 03000000 cc" // 319
                    + "01 0001 000000 000001 08 04000000 dd" // 320
                    + "01 ffff 000000 000001 08 05000000 ee" // 65599
                    + "c0 00 b0" // 64 again
                    + "c1 0000 b1")) // 64 in the long form is the same stream
        .extracting(Message::stream)
        .containsExactly(1, 2, 3, 4, 5, 2, 2);
  }

  @Test
  void messagesOfTwoChunkStreamsInterleave() {
    String a = "11".repeat(128);
    String b = "22".repeat(128);
    assertThat(
            read(
                "03 000000 000101 08 01000000"
                    + a
                    + "04 000000 000082 09 01000000"
                    + b
                    + "c3"
                    + a
                    + "c4 3333"
                    + "c3 44"))
        .containsExactly(new Message(9, 1, 0, b + "3333"), new Message(8, 1, 0, a + a + "44"));
  }

  @Test
  void extendedTimestampRepeatedInType3Chunks() {
    String part = "11".repeat(128);
    assertThat(
            read(
                "03 ffffff 000102 08 01000000 01020304"
                    + part
                    + "c3 01020304"
                    + part
                    + "c3 01020304 2222"))
        .containsExactly(new Message(8, 1, 0x01020304, part + part + "2222"));
  }

  @Test
  void extendedTimestampNotRepeatedInType3Chunks() {
    String part = "11".repeat(128);
    assertThat(read("03 ffffff 000102 08 01000000 01020304" + part + "c3" + part + "c3 2222"))
        .containsExactly(new Message(8, 1, 0x01020304, part + part + "2222"));
  }

  /** The payload begins like the timestamp, so that the reader has to look further. */
  @Test
  void extendedTimestampNotRepeatedBeforePayloadThatLooksLikeIt() {
    String part = "11".repeat(128);
    String tricky = "010203" + "05".repeat(125);
    assertThat(
            read(
                "03 ffffff 000101 08 01000000 01020304"
                    + part
                    + "c3"
                    + tricky
                    + "c3 01"
                    + "43 000001 000001 08 77"))
        .containsExactly(
            new Message(8, 1, 0x01020304, part + tricky + "01"),
            new Message(8, 1, 0x01020305, "77"));
  }

  /** Some senders repeat the message's timestamp where the field was a delta. */
  @Test
  void extendedDeltaRepeatedAsTheTimestamp() {
    String part = "11".repeat(128);
    assertThat(
            read(
                "03 000010 000001 08 01000000 aa"
                    + "43 ffffff 000081 08 01000000"
                    + part
                    + "c3 01000010 22"))
        .containsExactly(new Message(8, 1, 16, "aa"), new Message(8, 1, 0x01000010, part + "22"));
  }

  @Test
  void timestampWrapsAt32Bits() {
    assertThat(read("03 ffffff 000001 08 01000000 fffffff0 aa 83 000020 bb"))
        .extracting(Message::timestampMs)
        .containsExactly(0xFFFFFFF0L, 0x10L);
  }

  @Test
  void extendedTimestampOfSmallValueIsTaken() {
    assertThat(read("03 ffffff 000001 08 01000000 00000005 aa"))
        .extracting(Message::timestampMs)
        .containsExactly(5L);
  }

  @Test
  void chunkSizeChangesBetweenChunks() {
    assertThat(
            read(
                "02 000000 000004 01 00000000 00000002" // 2
                    + "03 000000 000005 08 01000000 aabb c3 ccdd c3 ee"
                    + "02 000000 000004 01 00000000 0000 c2 1000" // 4096, in chunks of 2
                    + "43 000000 000006 08 112233445566"))
        .containsExactly(new Message(8, 1, 0, "aabbccddee"), new Message(8, 1, 0, "112233445566"));
  }

  @Test
  void abortDropsTheUnfinishedMessage() {
    String part = "11".repeat(128);
    assertThat(
            read(
                "03 000000 000100 08 01000000"
                    + part
                    + "02 000000 000004 02 00000000 00000003"
                    + "03 000005 000001 08 01000000 aa"))
        .containsExactly(new Message(8, 1, 5, "aa"));
  }

  @Test
  void emptyMessageIsAMessage() {
    assertThat(read("03 000000 000000 08 01000000")).containsExactly(new Message(8, 1, 0, ""));
  }

  /** As librtmp sends its ping. */
  @Test
  void chunkStreamMayBeginWithType1() {
    assertThat(read("42 000000 000006 04 000300000000"))
        .containsExactly(new Message(4, 0, 0, "000300000000"));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "begins with type 2, 83 000000",
    "begins with type 3, c3",
    "type 0 inside a message, 03 000000 000002 08 01000000 aa 03 000000 000001 08 01000000",
    "chunk size 0, 02 000000 000004 01 00000000 00000000",
    "chunk size with the top bit, 02 000000 000004 01 00000000 80000000",
    "chunk size of two bytes, 02 000000 000002 01 00000000 0100",
    "message over the limit, 03 000000 100001 08 01000000"
  })
  void malformedChunkIsRefused(String name, String hex) {
    ByteBuf in = hex(hex);
    if (name.startsWith("type 0 inside")) {
      in = hex("02 000000 000004 01 00000000 00000001" + hex);
    }
    ByteBuf malformed = in;
    assertThatThrownBy(() -> readAll(reader, malformed, new ArrayList<>()))
        .isInstanceOf(RtmpProtocolException.class);
  }

  @Test
  void chunkStreamsAreBounded() {
    StringBuilder hex = new StringBuilder();
    for (int id = 0; id < 65; id++) {
      hex.append("01%02x%02x 000000 000100 08 01000000".formatted(id & 0xFF, id >> 8));
      hex.append("11".repeat(128));
    }
    assertThatThrownBy(() -> readAll(reader, hex(hex.toString()), new ArrayList<>()))
        .hasMessageContaining("more than 64 chunk streams");
  }

  @Test
  void memoryGrowsWithWhatWasReceivedAndNotWithWhatWasAnnounced() {
    ChunkReader small = new ChunkReader(allocator, new ChunkLimits(0xFFFFFF, 1 << 20));
    // The largest chunk size and the longest message, and then next to nothing.
    ByteBuf in = hex("02 000000 000004 01 00000000 7fffffff 03 000000 ffffff 08 01000000");
    readAll(small, in, new ArrayList<>());
    assertThat(allocator.metric().usedHeapMemory()).isZero();
    int received = 0;
    for (int i = 0; i < 300; i++) {
      received += 1000;
      readAll(small, Unpooled.wrappedBuffer(new byte[1000]), new ArrayList<>());
      assertThat(small.heldBytes()).isBetween(received, 2 * received);
      assertThat(allocator.metric().usedHeapMemory()).isEqualTo(small.heldBytes());
    }
    small.release();
  }

  @Test
  void heldMemoryIsBoundedOverAllChunkStreams() {
    ChunkReader small = new ChunkReader(allocator, new ChunkLimits(16 << 10, 16 << 10));
    ByteBuf flood = Unpooled.buffer();
    for (int id = 3; id < 60; id++) {
      flood.writeByte(id).writeMedium(0).writeMedium(1000).writeByte(8).writeIntLE(1);
      flood.writeZero(900);
    }
    // With a chunk size of 900 each message stays unfinished after its first chunk.
    ByteBuf all = Unpooled.wrappedBuffer(hex("02 000000 000004 01 00000000 00000384"), flood);
    assertThatThrownBy(() -> readAll(small, all, new ArrayList<>()))
        .hasMessageContaining("more than 16384 bytes of unfinished messages");
    assertThat(small.heldBytes()).isLessThanOrEqualTo(16 << 10);
    small.release();
  }

  /** The hot path: one buffer a message, nothing a chunk. */
  @Test
  void chunksAllocateNothing() {
    int chunks = 8192;
    // Paranoid leak detection would keep a record of each touch of a buffer.
    UnpooledByteBufAllocator quiet =
        new UnpooledByteBufAllocator(/* preferDirect= */ true, /* disableLeakDetector= */ true);
    ByteBuf wire = quiet.directBuffer();
    wire.writeByte(6).writeMedium(0).writeMedium(chunks * 128).writeByte(9).writeIntLE(1);
    wire.writeZero(128);
    for (int i = 1; i < chunks; i++) {
      wire.writeByte(0xC6).writeZero(128);
    }
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    ChunkReader direct = new ChunkReader(quiet, new ChunkLimits(2 << 20, 4 << 20));
    MessageSink sink = (_, _, _, body) -> body.release();
    long allocatedBytes = Long.MAX_VALUE;
    for (int round = 0; round < 3; round++) {
      wire.readerIndex(0);
      long before = threads.getCurrentThreadAllocatedBytes();
      assertThat(direct.readMessage(wire, sink)).isTrue();
      allocatedBytes = threads.getCurrentThreadAllocatedBytes() - before;
    }
    wire.release();
    assertThat(allocatedBytes).isLessThan(chunks);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 128, 129, 4096, 65_536, 0xFFFFFF})
  void writtenMessagesAreRead(int chunkBytes) {
    Random random = new Random(chunkBytes);
    ChunkWriter writer = new ChunkWriter(allocator);
    ByteBuf wire = Unpooled.buffer();
    List<Message> written = new ArrayList<>();
    writer.write(2, 1, 0, 0, allocator.buffer().writeInt(chunkBytes), out -> moveTo(wire, out));
    writer.chunkBytes(chunkBytes);
    long timestampMs = 0;
    for (int i = 0; i < 200; i++) {
      byte[] body = new byte[i % 9 == 0 ? random.nextInt(20_000) : random.nextInt(300)];
      random.nextBytes(body);
      // Steady, huge and backward steps; across 2^24 and 2^32.
      timestampMs =
          switch (random.nextInt(8)) {
            case 0 -> random.nextLong(1L << 32);
            case 1 -> (timestampMs + 0x0100_0000L) & 0xFFFF_FFFFL;
            default -> (timestampMs + 40) & 0xFFFF_FFFFL;
          };
      int type = 8 + random.nextInt(2);
      int stream = 1 + random.nextInt(20) / 19;
      written.add(new Message(type, stream, timestampMs, HexFormat.of().formatHex(body)));
      writer.write(
          4 + random.nextInt(2),
          type,
          stream,
          timestampMs,
          allocator.buffer().writeBytes(body),
          out -> moveTo(wire, out));
    }
    List<Message> read = new ArrayList<>();
    while (wire.isReadable()) {
      readAll(
          reader, wire.readSlice(Math.min(1 + random.nextInt(5000), wire.readableBytes())), read);
    }
    assertThat(read).isEqualTo(written);
  }

  @Test
  void writerSavesHeaders() {
    ChunkWriter writer = new ChunkWriter(allocator);
    List<Integer> sizes = new ArrayList<>();
    for (long timestampMs : new long[] {0, 40, 80, 120, 165, 100}) {
      writer.write(
          4,
          9,
          1,
          timestampMs,
          allocator.buffer().writeZero(10),
          out -> {
            sizes.add(out.readableBytes() - 10);
            out.release();
          });
    }
    assertThat(sizes).containsExactly(12, 4, 1, 1, 4, 12);
  }

  @Test
  void longBodiesAreNotCopied() {
    ChunkWriter writer = new ChunkWriter(allocator);
    writer.chunkBytes(4096);
    ByteBuf body = allocator.heapBuffer(10_000).writeZero(10_000);
    byte[] array = body.array();
    List<ByteBuf> out = new ArrayList<>();
    writer.write(4, 9, 1, 0, body, out::add);
    assertThat(out).hasSize(6);
    assertThat(out.get(1).array()).isSameAs(array);
    assertThat(out.get(3).array()).isSameAs(array);
    out.forEach(ByteBuf::release);
  }

  private static void moveTo(ByteBuf wire, ByteBuf out) {
    wire.writeBytes(out);
    out.release();
  }

  /** Reads {@code hex} whole, then byte by byte, which has to give the same. */
  private List<Message> read(String hex) {
    List<Message> whole = new ArrayList<>();
    ChunkReader first = new ChunkReader(allocator, LIMITS);
    readAll(first, hex(hex), whole);
    first.release();
    List<Message> pieces = new ArrayList<>();
    ByteBuf bytes = hex(hex);
    while (bytes.isReadable()) {
      readAll(reader, bytes.readSlice(1), pieces);
    }
    assertThat(pieces).isEqualTo(whole);
    return whole;
  }

  private static void readAll(ChunkReader reader, ByteBuf in, List<Message> into) {
    MessageSink sink =
        (type, stream, timestampMs, body) -> {
          into.add(new Message(type, stream, timestampMs, ByteBufUtil.hexDump(body)));
          body.release();
        };
    while (reader.readMessage(in, sink)) {
      // until it is used up
    }
  }

  private static ByteBuf hex(String hex) {
    return Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", "")));
  }
}
