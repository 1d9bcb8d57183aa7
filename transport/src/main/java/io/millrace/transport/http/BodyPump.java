package io.millrace.transport.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import java.util.function.LongSupplier;

/**
 * Writes one reply's content no faster than the peer takes it: at most {@link #WINDOW_BYTES} are
 * handed to the channel and not yet taken by the kernel. Confined to its event loop.
 *
 * <p>It knows by each slice's future that the peer moves on; {@link #stalled} is the slow-reader
 * deadline. With HTTP/2 the future also waits for the stream's flow-control window, so every stream
 * has a deadline of its own.
 */
final class BodyPump {
  static final int SLICE_BYTES = 32 * 1024;
  static final int WINDOW_BYTES = 4 * SLICE_BYTES;

  /** Where slices go. */
  interface Writer {
    /** Takes the slice; {@code last} ends the content. Does not flush. */
    ChannelFuture write(ByteBuf slice, boolean last);

    void flush();

    /**
     * Called once: every slice was taken, or one failed, after which nothing more is written.
     *
     * @param sentBytes content bytes that were taken
     */
    void done(boolean complete, long sentBytes);
  }

  private final BodyCursor cursor;
  private final Writer writer;
  private final LongSupplier clockNs;
  private int pendingBytes;
  private long sentBytes;
  private long progressNs;
  private boolean pumping;
  private boolean again;
  private boolean done;

  BodyPump(ReplyBody body, Writer writer, LongSupplier clockNs) {
    this.cursor = new BodyCursor(body);
    this.writer = writer;
    this.clockNs = clockNs;
    this.progressNs = clockNs.getAsLong();
  }

  /**
   * Starts writing.
   *
   * @param head the future of what was written in front of the content; it counts as progress too
   */
  void start(ChannelFuture head) {
    pendingBytes = 1;
    head.addListener(future -> taken(future.isSuccess(), 1, 0));
    pump();
  }

  /**
   * Fills the window. Slices that complete while it runs are picked up by the same loop, not by
   * recursion, so the depth of the stack does not grow with the content.
   */
  void pump() {
    if (pumping) {
      again = true;
      return;
    }
    pumping = true;
    do {
      again = false;
      while (!done && cursor.hasNext() && pendingBytes < WINDOW_BYTES) {
        ByteBuf slice = cursor.next(SLICE_BYTES);
        int size = slice.readableBytes();
        pendingBytes += size;
        writer
            .write(slice, !cursor.hasNext())
            .addListener(future -> taken(future.isSuccess(), size, size));
      }
      writer.flush();
    } while (again);
    pumping = false;
  }

  /** True when bytes wait and none was taken for {@code limitNs}. */
  boolean stalled(long nowNs, long limitNs) {
    return !done && nowNs - progressNs > limitNs;
  }

  private void taken(boolean success, int windowBytes, int contentBytes) {
    pendingBytes -= windowBytes;
    if (done) {
      return;
    }
    if (!success) {
      done = true;
      writer.done(false, sentBytes);
      return;
    }
    sentBytes += contentBytes;
    progressNs = clockNs.getAsLong();
    if (cursor.hasNext()) {
      pump();
    } else if (pendingBytes == 0) {
      done = true;
      writer.done(true, sentBytes);
    }
  }
}
