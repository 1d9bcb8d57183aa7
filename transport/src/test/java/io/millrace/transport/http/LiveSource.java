package io.millrace.transport.http;

import io.millrace.transport.LoopWaiters;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Pieces that a test gives, and what became of the reply. */
final class LiveSource implements LiveContent {
  final AtomicInteger taken = new AtomicInteger();
  final AtomicInteger begun = new AtomicInteger();
  final AtomicInteger over = new AtomicInteger();
  private final Queue<byte[]> pieces = new ConcurrentLinkedQueue<>();
  private final LoopWaiters waiters = new LoopWaiters();
  private volatile boolean complete;

  HttpReply reply() {
    return new HttpReply(200, java.util.List.of(), new ReplyBody.Live(this));
  }

  void add(String piece) {
    pieces.add(piece.getBytes(StandardCharsets.US_ASCII));
    waiters.wake();
  }

  void complete() {
    complete = true;
    waiters.wake();
  }

  @Override
  public byte @Nullable [] next() {
    byte[] piece = pieces.poll();
    if (piece != null) {
      taken.incrementAndGet();
    }
    return piece;
  }

  @Override
  public boolean ended() {
    return complete && pieces.isEmpty();
  }

  @Override
  public void begin(Executor loop, LoopWaiters.Waiter reader) {
    begun.incrementAndGet();
    waiters.join(loop, reader);
  }

  @Override
  public void over() {
    over.incrementAndGet();
  }
}
