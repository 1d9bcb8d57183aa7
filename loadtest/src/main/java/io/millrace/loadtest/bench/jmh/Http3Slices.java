package io.millrace.loadtest.bench.jmh;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * 1 GiB of media on its way to quiche, 32 KiB a DATA frame: an array with a header in front of it
 * copied by Netty's QUIC channel, and the same copied into direct memory before.
 */
@State(Scope.Thread)
public class Http3Slices {
  private static final int SLICE_BYTES = 32 * 1024;
  private static final int SLICES = 32 * 1024;
  private static final int HEADER_BYTES = 16;

  /** More than the caches of a core. */
  private final byte[] media = new byte[64 << 20];

  private final ByteBufAllocator allocator = ByteBufAllocator.DEFAULT;

  /** As its {@code filterMsg} does with what is not direct. */
  @Benchmark
  public int copiedByTheChannel() {
    int seen = 0;
    for (int i = 0; i < SLICES; i++) {
      ByteBuf frame = frame(slice(i));
      ByteBuf direct = allocator.directBuffer(frame.readableBytes());
      direct.writeBytes(frame, frame.readerIndex(), frame.readableBytes());
      frame.release();
      seen += direct.getByte(HEADER_BYTES);
      direct.release();
    }
    return seen;
  }

  @Benchmark
  public int copiedBefore() {
    int seen = 0;
    for (int i = 0; i < SLICES; i++) {
      ByteBuf slice = slice(i);
      ByteBuf direct = allocator.directBuffer(SLICE_BYTES).writeBytes(slice);
      slice.release();
      ByteBuf frame = frame(direct);
      seen += frame.nioBuffers().length;
      frame.release();
    }
    return seen;
  }

  private ByteBuf slice(int number) {
    int offset = (int) ((long) number * SLICE_BYTES % (media.length - SLICE_BYTES));
    return Unpooled.wrappedBuffer(media, offset, SLICE_BYTES);
  }

  private ByteBuf frame(ByteBuf content) {
    ByteBuf header = allocator.directBuffer(HEADER_BYTES).writeByte(0).writeInt(SLICE_BYTES);
    return Unpooled.wrappedUnmodifiableBuffer(header, content);
  }
}
