package io.millrace.transport.http;

import io.millrace.transport.LoopWaiters;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes one reply's content no faster than the peer takes it: at most {@link #WINDOW_BYTES} are
 * handed to the channel and not yet taken by the kernel. Confined to its event loop.
 *
 * <p>It knows by each slice's future that the peer moves on; {@link #stalled} is the slow-reader
 * deadline. With HTTP/2 and HTTP/3 the future also waits for the stream's flow-control window, so
 * every stream has a deadline of its own. A pump that waits for content to be made is not stalled:
 * nothing of it waits for the peer.
 *
 * <p>A peer that falls behind growing content holds references to its arrays, which everybody
 * shares.
 */
final class BodyPump extends LoopWaiters.Waiter {
  static final int SLICE_BYTES = 32 * 1024;
  static final int WINDOW_BYTES = 4 * SLICE_BYTES;

  /** How it ended. */
  enum Outcome {
    COMPLETE,
    /** The peer has gone. */
    FAILED,
    /** The content was never completed; what there was of it was taken. */
    ABANDONED
  }

  /** Where slices go. */
  interface Writer {
    /**
     * Takes the slice. Does not flush.
     *
     * @param starts size of the array that the slice begins; 0 while it goes on in one
     * @param last ends the content
     */
    ChannelFuture write(ByteBuf slice, int starts, boolean last);

    /** Ends content of which it was not known that the last slice was the last. */
    ChannelFuture end();

    void flush();

    /**
     * Called once, after which nothing more is written.
     *
     * @param sentBytes content bytes that were taken
     */
    void done(Outcome outcome, long sentBytes);
  }

  private final ReplyBody body;
  private final BodyCursor cursor;
  private final Writer writer;
  private final EventLoop loop;
  private final LongSupplier clockNs;
  private int pendingBytes;
  private long sentBytes;
  private long progressNs;
  private @Nullable LiveContent begun;
  private boolean pumping;
  private boolean again;
  private boolean ended;
  private boolean done;

  BodyPump(ReplyBody body, Writer writer, EventLoop loop, LongSupplier clockNs) {
    this.body = body;
    this.cursor = new BodyCursor(body);
    this.ended = body instanceof ReplyBody.Empty;
    this.writer = writer;
    this.loop = loop;
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
    if (!done && body instanceof ReplyBody.Growing growing) {
      growing.content().await(loop, this);
      cursor.refresh();
    }
    if (!done && body instanceof ReplyBody.Live live) {
      begun = live.content();
      begun.begin(loop, this);
    }
    pump();
  }

  /** There is more content, or will never be. */
  @Override
  protected void woken() {
    cursor.refresh();
    pump();
    settle();
  }

  /** The peer has gone. What was written tells so itself; nothing does while there is none. */
  void gone() {
    if (pendingBytes == 0) {
      finish(Outcome.FAILED);
    }
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
        int starts = cursor.starts();
        ByteBuf slice = cursor.next(SLICE_BYTES);
        int size = slice.readableBytes();
        ended = cursor.ended();
        pending(size);
        writer
            .write(slice, starts, ended)
            .addListener(future -> taken(future.isSuccess(), size, size));
      }
      if (!done && !ended && cursor.ended()) {
        ended = true;
        pending(1);
        writer.end().addListener(future -> taken(future.isSuccess(), 1, 0));
      }
      writer.flush();
    } while (again);
    pumping = false;
  }

  /** The peer's deadline runs from when something waits for it again. */
  private void pending(int windowBytes) {
    if (pendingBytes == 0) {
      progressNs = clockNs.getAsLong();
    }
    pendingBytes += windowBytes;
  }

  /** True when bytes wait and none was taken for {@code limitNs}. */
  boolean stalled(long nowNs, long limitNs) {
    return !done && pendingBytes > 0 && nowNs - progressNs > limitNs;
  }

  private void taken(boolean success, int windowBytes, int contentBytes) {
    pendingBytes -= windowBytes;
    if (done) {
      return;
    }
    if (!success) {
      finish(Outcome.FAILED);
      return;
    }
    sentBytes += contentBytes;
    progressNs = clockNs.getAsLong();
    if (cursor.hasNext()) {
      pump();
    } else {
      settle();
    }
  }

  private void settle() {
    if (pendingBytes == 0 && ended) {
      finish(Outcome.COMPLETE);
    } else if (pendingBytes == 0 && cursor.broken()) {
      finish(Outcome.ABANDONED);
    }
  }

  private void finish(Outcome outcome) {
    if (!done) {
      done = true;
      leave();
      if (begun != null) {
        begun.over();
      }
      writer.done(outcome, sentBytes);
    }
  }
}
