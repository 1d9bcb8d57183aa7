package io.millrace.transport.rtmp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts messages into chunks; the layout is drawn at {@link ChunkReader}. Confined to one thread.
 *
 * <p>Short messages leave as one buffer. Of long ones the body leaves as slices, and one small
 * buffer holds the headers of all their chunks.
 */
public final class ChunkWriter {
  private static final int EXTENDED = 0xFF_FFFF;
  private static final int COPIED_BODY_BYTES = 2048;

  /** The last header of one chunk stream. */
  private record Last(long timestampMs, long deltaMs, int length, int type, int messageStreamId) {
    static final long NO_DELTA = -1;
  }

  private final ByteBufAllocator allocator;
  private final Map<Integer, Last> last = new HashMap<>();
  private int chunkBytes = ChunkReader.DEFAULT_CHUNK_BYTES;

  public ChunkWriter(ByteBufAllocator allocator) {
    this.allocator = allocator;
  }

  /** Cuts the messages that follow into chunks of {@code bytes}. */
  public void chunkBytes(int bytes) {
    chunkBytes = bytes;
  }

  /**
   * Writes one message.
   *
   * @param chunkStreamId 2 to 63
   * @param timestampMs unsigned 32 bits
   * @param body taken
   * @param out gets the buffers in order and takes them
   */
  public void write(
      int chunkStreamId,
      int type,
      int messageStreamId,
      long timestampMs,
      ByteBuf body,
      Consumer<ByteBuf> out) {
    int length = body.readableBytes();
    if (chunkStreamId < 2 || chunkStreamId > 63 || length > ChunkLimits.MAX_MESSAGE_BYTES) {
      body.release();
      throw new IllegalArgumentException(
          "chunk stream %d, %d bytes".formatted(chunkStreamId, length));
    }
    Last before = last.get(chunkStreamId);
    long deltaMs = before == null ? Last.NO_DELTA : timestampMs - before.timestampMs();
    int format = format(before, deltaMs, length, type, messageStreamId);
    long field = format == 0 ? timestampMs : deltaMs;
    last.put(
        chunkStreamId,
        new Last(
            timestampMs, format == 0 ? Last.NO_DELTA : deltaMs, length, type, messageStreamId));

    boolean copied = length <= COPIED_BODY_BYTES;
    int chunks = Math.max(1, (length + chunkBytes - 1) / chunkBytes);
    ByteBuf headers = allocator.buffer(18 + (copied ? length + 5 * (chunks - 1) : 5));
    writeFirstHeader(headers, format, chunkStreamId, field, length, type, messageStreamId);
    if (copied) {
      copy(headers, body, chunkStreamId, field);
      out.accept(headers);
    } else {
      slice(headers, body, chunkStreamId, field, out);
    }
  }

  /**
   * Type 3 only repeats a delta that was written as one: after a type 0 header, receivers disagree
   * on whether the delta is the timestamp (§5.3.1.2.4) or 0.
   */
  private static int format(
      @Nullable Last before, long deltaMs, int length, int type, int messageStreamId) {
    if (before == null || before.messageStreamId() != messageStreamId || deltaMs < 0) {
      return 0;
    }
    if (before.length() != length || before.type() != type) {
      return 1;
    }
    return before.deltaMs() == deltaMs ? 3 : 2;
  }

  private static void writeFirstHeader(
      ByteBuf out, int format, int id, long field, int length, int type, int messageStreamId) {
    out.writeByte((format << 6) | id);
    if (format <= 2) {
      out.writeMedium((int) Math.min(field, EXTENDED));
    }
    if (format <= 1) {
      out.writeMedium(length).writeByte(type);
    }
    if (format == 0) {
      out.writeIntLE(messageStreamId);
    }
    if (field >= EXTENDED) {
      out.writeInt((int) field);
    }
  }

  private static void writeContinuation(ByteBuf out, int id, long field) {
    out.writeByte(0xC0 | id);
    if (field >= EXTENDED) {
      out.writeInt((int) field);
    }
  }

  private void copy(ByteBuf out, ByteBuf body, int id, long field) {
    try {
      out.writeBytes(body, Math.min(chunkBytes, body.readableBytes()));
      while (body.isReadable()) {
        writeContinuation(out, id, field);
        out.writeBytes(body, Math.min(chunkBytes, body.readableBytes()));
      }
    } finally {
      body.release();
    }
  }

  private void slice(ByteBuf headers, ByteBuf body, int id, long field, Consumer<ByteBuf> out) {
    int firstEnd = headers.writerIndex();
    writeContinuation(headers, id, field);
    int continuationBytes = headers.writerIndex() - firstEnd;
    try {
      out.accept(headers.retainedSlice(0, firstEnd));
      out.accept(body.readRetainedSlice(Math.min(chunkBytes, body.readableBytes())));
      while (body.isReadable()) {
        out.accept(headers.retainedSlice(firstEnd, continuationBytes));
        out.accept(body.readRetainedSlice(Math.min(chunkBytes, body.readableBytes())));
      }
    } finally {
      headers.release();
      body.release();
    }
  }
}
