package io.millrace.codec.worker;

import io.millrace.codec.worker.MessageSyntax.Type;
import io.millrace.media.TrackEvent;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Messages over a blocking stream socket. One thread receives; any thread sends, and waits for
 * those before it and for the other side's reading. Whoever receives must therefore never wait for
 * a sender.
 */
public final class Connection implements AutoCloseable {
  private static final int READ_BYTES = 64 << 10;
  private static final int HEAD_BYTES = 5;

  private final SocketChannel channel;
  private final ReentrantLock sending = new ReentrantLock();

  /** What has been read and not been used; the receiving thread's. */
  private final ByteBuf ahead = ByteBufAllocator.DEFAULT.directBuffer(READ_BYTES, READ_BYTES);

  private final ByteBuf head = ByteBufAllocator.DEFAULT.heapBuffer(HEAD_BYTES, HEAD_BYTES);

  /**
   * @param channel connected and blocking; closed with this
   */
  public Connection(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Sends a message; takes it, also when it throws.
   *
   * @throws WireException when it is larger than a message may be
   */
  public void send(Message message) throws IOException {
    ByteBuf frame = ByteBufAllocator.DEFAULT.buffer(256);
    ByteBuf payload = null;
    try {
      frame.writeInt(0);
      MessageSyntax.write(message, frame);
      int size = frame.readableBytes() - Integer.BYTES;
      if (message instanceof Message.Event(int _, TrackEvent.Sample sample)) {
        payload = sample.payload();
        size += payload.readableBytes();
      }
      if (size > (payload == null ? Wire.MAX_CONTROL_BYTES : Wire.MAX_FRAME_BYTES)) {
        throw new WireException("a message of " + size + " bytes is not sent");
      }
      frame.setInt(0, size);
      write(frame, payload);
    } finally {
      frame.release();
      if (payload != null) {
        payload.release();
      }
    }
  }

  /** Writes both without copying them; borrows them. */
  private void write(ByteBuf frame, @Nullable ByteBuf payload) throws IOException {
    ByteBuffer[] parts;
    if (payload == null) {
      parts = frame.nioBuffers();
    } else {
      ByteBuffer[] body = payload.nioBuffers();
      parts = new ByteBuffer[body.length + 1];
      parts[0] = frame.nioBuffer();
      System.arraycopy(body, 0, parts, 1, body.length);
    }
    sending.lock();
    try {
      int first = 0;
      while (first < parts.length) {
        channel.write(parts, first, parts.length - first);
        while (first < parts.length && !parts[first].hasRemaining()) {
          first++;
        }
      }
    } finally {
      sending.unlock();
    }
  }

  /**
   * Waits for the next message; the caller owns its event. Null when the other side has ended
   * between two messages.
   *
   * @throws WireException for what is no message
   */
  public @Nullable Message receive() throws IOException {
    head.clear();
    if (!fill(head, HEAD_BYTES)) {
      return null;
    }
    long size = head.readUnsignedInt();
    Type type = MessageSyntax.type(head.readUnsignedByte());
    if (size < 1 || size > (type == Type.SAMPLE ? Wire.MAX_FRAME_BYTES : Wire.MAX_CONTROL_BYTES)) {
      throw new WireException("a message " + type + " of " + size + " bytes");
    }
    int bodyBytes = (int) size - 1;
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(bodyBytes, Math.max(1, bodyBytes));
    try {
      if (!fill(body, bodyBytes)) {
        throw new WireException("ended in the middle of a message");
      }
      return MessageSyntax.read(type, body);
    } finally {
      body.release();
    }
  }

  /** False where there is not a single byte any more. */
  private boolean fill(ByteBuf target, int bytes) throws IOException {
    int missing = bytes;
    while (missing > 0) {
      if (ahead.isReadable()) {
        int taken = Math.min(missing, ahead.readableBytes());
        target.writeBytes(ahead, taken);
        missing -= taken;
        continue;
      }
      ahead.clear();
      boolean past = missing >= READ_BYTES;
      int read = past ? target.writeBytes(channel, missing) : ahead.writeBytes(channel, READ_BYTES);
      if (read < 0) {
        if (missing == bytes) {
          return false;
        }
        throw new WireException("ended in the middle of a message");
      }
      missing -= past ? read : 0;
    }
    return true;
  }

  /** Ends both directions; a thread that sends or receives gets an {@link IOException}. */
  public void disconnect() {
    try {
      channel.close();
    } catch (IOException e) {
      // It is gone, which is what was wanted.
    }
  }

  /** Disconnects and frees the buffers; by the receiving thread, or when it has ended. */
  @Override
  public void close() {
    disconnect();
    if (ahead.refCnt() > 0) {
      ahead.release();
      head.release();
    }
  }
}
