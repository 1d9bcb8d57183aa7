package io.millrace.transport.rtmp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Puts messages together from chunks (Adobe RTMP 1.0 §5.3), fed with any split of the bytes.
 *
 * <pre>
 *  chunk = basic header (1-3) | message header (11, 7, 3, 0) | extended timestamp (0, 4) | payload
 *
 *  basic header    fmt:2 csid:6        csid 0: one more byte, 64 + b
 *                                      csid 1: two more, 64 + b + 256 c
 *  fmt 0           timestamp:24  length:24  type:8  stream id:32 (little endian)
 *  fmt 1           delta:24      length:24  type:8
 *  fmt 2           delta:24
 *  fmt 3           nothing: continues a message, or begins one that is like the last
 *  a 24-bit field of 0xFFFFFF: the extended timestamp follows
 * </pre>
 *
 * <p>Bodies are copied out of the read buffers: a slice would keep a whole read buffer alive for as
 * long as the GOP cache keeps an audio frame of 200 bytes. There is one buffer a message, none a
 * chunk, and its size follows what was received (doubling), never what was announced.
 *
 * <p>Two habits of senders are met here. Some repeat an extended timestamp in type 3 chunks, as
 * §5.3.1.3 has it, some do not: the four bytes are taken when they repeat the field or the
 * message's timestamp, and are payload otherwise. And librtmp opens chunk stream 2 with a type 1
 * header: that is taken as message stream 0.
 *
 * <p>Set Chunk Size and Abort are consumed here. Confined to one thread.
 */
public final class ChunkReader {
  static final int DEFAULT_CHUNK_BYTES = 128;
  private static final int MAX_CHUNK_STREAMS = 64;
  private static final int EXTENDED = 0xFF_FFFF;
  private static final int MAX_HEADER_BYTES = 3 + 11 + 4;
  private static final int MIN_BODY_BYTES = 64;

  private enum Header {
    COMPLETE,
    INCOMPLETE
  }

  private final ByteBufAllocator allocator;
  private final Map<Integer, ChunkStream> streams = new HashMap<>();

  /**
   * The start of a header whose rest has not come yet; while a chunk is being read, payload bytes
   * that the parser had to look at to tell. Comes before whatever is read next.
   */
  private final ByteBuf headerStash = Unpooled.buffer(MAX_HEADER_BYTES, MAX_HEADER_BYTES);

  private ChunkLimits limits;
  private int chunkBytes = DEFAULT_CHUNK_BYTES;
  private int heldBytes;

  /** The chunk whose payload is being read, or null between chunks. */
  private @Nullable ChunkStream current;

  private int chunkRemaining;

  public ChunkReader(ByteBufAllocator allocator, ChunkLimits limits) {
    this.allocator = allocator;
    this.limits = limits;
  }

  /** Sets what may be held from here on. */
  public void limits(ChunkLimits limits) {
    this.limits = limits;
  }

  /** Memory of the unfinished messages. */
  public int heldBytes() {
    return heldBytes;
  }

  /** Drops every unfinished message. */
  public void release() {
    streams.values().forEach(ChunkStream::dropMessage);
    streams.clear();
    current = null;
    heldBytes = 0;
  }

  /**
   * Reads until one message is complete and gives it to {@code sink}, or until {@code in} is used
   * up. Borrows {@code in}.
   *
   * @return whether a message was given; there may then be another one in {@code in}
   * @throws RtmpProtocolException when the bytes are no chunk stream or exceed a limit; the reader
   *     is of no further use then but to be released
   */
  public boolean readMessage(ByteBuf in, MessageSink sink) {
    while (headerStash.isReadable() || in.isReadable()) {
      ChunkStream stream = current;
      if (stream == null) {
        if (readHeader(in) == Header.INCOMPLETE) {
          return false;
        }
        stream = Objects.requireNonNull(current);
      }
      readPayload(stream, headerStash.isReadable() ? headerStash : in);
      if (chunkRemaining == 0) {
        current = null;
        if (stream.receivedBytes == stream.messageLength && finish(stream, sink)) {
          return true;
        }
      }
    }
    return false;
  }

  private void readPayload(ChunkStream stream, ByteBuf in) {
    int bytes = Math.min(chunkRemaining, in.readableBytes());
    if (bytes == 0) {
      return;
    }
    bodyFor(stream, bytes).writeBytes(in, bytes);
    stream.receivedBytes += bytes;
    chunkRemaining -= bytes;
  }

  /** Makes room for {@code bytes} more; at most twice what was received is ever held. */
  private ByteBuf bodyFor(ChunkStream stream, int bytes) {
    ByteBuf body = stream.body;
    int needed = stream.receivedBytes + bytes;
    int capacity = body == null ? 0 : body.capacity();
    if (needed <= capacity && body != null) {
      return body;
    }
    int grown =
        Math.min(stream.messageLength, Math.max(needed, Math.max(2 * capacity, MIN_BODY_BYTES)));
    if (grown - capacity > limits.maxHeldBytes() - heldBytes) {
      throw new RtmpProtocolException(
          "more than %d bytes of unfinished messages".formatted(limits.maxHeldBytes()));
    }
    if (body == null) {
      body = allocator.buffer(grown, stream.messageLength);
      stream.body = body;
    } else {
      body.capacity(grown);
    }
    heldBytes += body.capacity() - capacity;
    return body;
  }

  /** Returns whether the message went to {@code sink}. */
  private boolean finish(ChunkStream stream, MessageSink sink) {
    ByteBuf body = stream.body == null ? Unpooled.EMPTY_BUFFER : stream.body;
    heldBytes -= stream.heldBytes();
    stream.body = null;
    stream.dropMessage();
    switch (stream.messageType) {
      case MessageType.SET_CHUNK_SIZE -> {
        setChunkBytes(control(body, "Set Chunk Size"));
        return false;
      }
      case MessageType.ABORT -> {
        abort(control(body, "Abort"));
        return false;
      }
      default -> {
        sink.message(stream.messageType, stream.messageStreamId, stream.timestampMs, body);
        return true;
      }
    }
  }

  private static int control(ByteBuf body, String name) {
    try {
      if (body.readableBytes() < 4) {
        throw new RtmpProtocolException(
            "%s message of %d bytes".formatted(name, body.readableBytes()));
      }
      return body.readInt();
    } finally {
      body.release();
    }
  }

  /**
   * §5.4.1: 1 to 2^31-1, where more than 16777215 is the same as that, because no message is
   * longer. The size is a bound on payload and never the size of a buffer.
   */
  private void setChunkBytes(int bytes) {
    if (bytes < 1) {
      throw new RtmpProtocolException("chunk size " + Integer.toUnsignedString(bytes));
    }
    chunkBytes = Math.min(bytes, ChunkLimits.MAX_MESSAGE_BYTES);
  }

  /** §5.4.2. */
  private void abort(int chunkStreamId) {
    ChunkStream stream = streams.get(chunkStreamId);
    if (stream != null) {
      heldBytes -= stream.heldBytes();
      stream.dropMessage();
    }
  }

  private Header readHeader(ByteBuf in) {
    if (!headerStash.isReadable()) {
      int start = in.readerIndex();
      if (parseHeader(in) == Header.COMPLETE) {
        return Header.COMPLETE;
      }
      in.readerIndex(start);
      headerStash.clear().writeBytes(in);
      return Header.INCOMPLETE;
    }
    headerStash.discardReadBytes();
    while (parseHeader(headerStash) == Header.INCOMPLETE) {
      headerStash.readerIndex(0);
      if (!in.isReadable()) {
        return Header.INCOMPLETE;
      }
      headerStash.writeByte(in.readByte());
    }
    return Header.COMPLETE;
  }

  /** Changes nothing but {@code in}'s reader index unless the header is complete. */
  private Header parseHeader(ByteBuf in) {
    int first = in.readUnsignedByte();
    int format = first >> 6;
    int id = first & 0x3F;
    int idBytes = id == 0 ? 1 : id == 1 ? 2 : 0;
    int fieldBytes = format == 0 ? 11 : format == 1 ? 7 : format == 2 ? 3 : 0;
    if (in.readableBytes() < idBytes + fieldBytes) {
      return Header.INCOMPLETE;
    }
    if (idBytes > 0) {
      id = 64 + in.readUnsignedByte() + (idBytes == 2 ? in.readUnsignedByte() << 8 : 0);
    }
    ChunkStream known = streams.get(id);
    if (known == null) {
      known = fresh(id, format);
    }
    return format == 3 ? parseType3(known, in) : parseFields(known, format, in);
  }

  private ChunkStream fresh(int id, int format) {
    if (format >= 2) {
      throw new RtmpProtocolException(
          "chunk stream %d begins with a type %d header".formatted(id, format));
    }
    if (streams.size() >= MAX_CHUNK_STREAMS) {
      throw new RtmpProtocolException("more than " + MAX_CHUNK_STREAMS + " chunk streams");
    }
    return new ChunkStream(id);
  }

  private Header parseFields(ChunkStream stream, int format, ByteBuf in) {
    if (stream.inMessage) {
      throw new RtmpProtocolException(
          "type %d header inside a message of chunk stream %d".formatted(format, stream.id));
    }
    long field = in.readUnsignedMedium();
    int length = format <= 1 ? in.readUnsignedMedium() : stream.messageLength;
    int type = format <= 1 ? in.readUnsignedByte() : stream.messageType;
    int messageStreamId = format == 0 ? in.readIntLE() : stream.messageStreamId;
    boolean extended = field == EXTENDED;
    if (extended) {
      if (in.readableBytes() < 4) {
        return Header.INCOMPLETE;
      }
      field = in.readUnsignedInt();
    }
    stream.timestampFieldMs = field;
    stream.timestampDeltaMs = field;
    stream.timestampMs = format == 0 ? field : (stream.timestampMs + field) & 0xFFFF_FFFFL;
    stream.extended = extended;
    stream.messageLength = length;
    stream.messageType = type;
    stream.messageStreamId = messageStreamId;
    if (!stream.seen) {
      stream.seen = true;
      streams.put(stream.id, stream);
    }
    begin(stream);
    return Header.COMPLETE;
  }

  private Header parseType3(ChunkStream stream, ByteBuf in) {
    if (stream.extended) {
      switch (repeatedTimestamp(stream, in)) {
        case YES -> in.skipBytes(4);
        case NO -> {}
        case UNDECIDED -> {
          return Header.INCOMPLETE;
        }
      }
    }
    if (stream.inMessage) {
      current = stream;
      chunkRemaining = Math.min(chunkBytes, stream.messageLength - stream.receivedBytes);
    } else {
      stream.timestampMs = (stream.timestampMs + stream.timestampDeltaMs) & 0xFFFF_FFFFL;
      begin(stream);
    }
    return Header.COMPLETE;
  }

  private enum Repeated {
    YES,
    NO,
    UNDECIDED
  }

  /** Undecided only while the bytes that are there are a prefix of what would be repeated. */
  private static Repeated repeatedTimestamp(ChunkStream stream, ByteBuf in) {
    int available = Math.min(4, in.readableBytes());
    boolean field = true;
    boolean absolute = stream.inMessage;
    for (int i = 0; i < available; i++) {
      int b = in.getUnsignedByte(in.readerIndex() + i);
      field &= b == (int) ((stream.timestampFieldMs >> (24 - 8 * i)) & 0xFF);
      absolute &= b == (int) ((stream.timestampMs >> (24 - 8 * i)) & 0xFF);
    }
    if (!field && !absolute) {
      return Repeated.NO;
    }
    return available == 4 ? Repeated.YES : Repeated.UNDECIDED;
  }

  private void begin(ChunkStream stream) {
    if (stream.messageLength > limits.maxMessageBytes()) {
      throw new RtmpProtocolException(
          "message of %d bytes, at most %d are taken here"
              .formatted(stream.messageLength, limits.maxMessageBytes()));
    }
    stream.inMessage = true;
    stream.receivedBytes = 0;
    current = stream;
    chunkRemaining = Math.min(chunkBytes, stream.messageLength);
  }
}
