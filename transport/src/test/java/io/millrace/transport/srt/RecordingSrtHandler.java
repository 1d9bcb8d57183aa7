package io.millrace.transport.srt;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Function;

/** Decides as told and keeps everything. Thread safe. */
final class RecordingSrtHandler implements SrtPublishHandler {
  /** One accepted publisher. */
  static final class Recorded implements SrtPublicationListener {
    final SrtPublication publication;
    final CompletableFuture<EndReason> end = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private byte[] newest = {};
    private int messages;

    Recorded(SrtPublication publication) {
      this.publication = publication;
    }

    @Override
    public synchronized void onPayload(ByteBuf payload, long sourceTimeUs) {
      try {
        assertOnLoop();
        byte[] message = new byte[payload.readableBytes()];
        payload.readBytes(message);
        bytes.writeBytes(message);
        newest = message;
        messages++;
        notifyAll();
      } finally {
        payload.release();
      }
    }

    private void assertOnLoop() {
      if (!publication.eventLoop().inEventLoop()) {
        throw new AssertionError("not on the publication's loop");
      }
    }

    @Override
    public void onEnd(EndReason reason) {
      if (!end.complete(reason)) {
        throw new AssertionError("ended twice");
      }
    }

    synchronized byte[] bytes() {
      return bytes.toByteArray();
    }

    synchronized int messages() {
      return messages;
    }

    /** Waits for the message that is the last. */
    synchronized byte[] awaitEnding(byte[] last, long timeoutMs) throws InterruptedException {
      long deadlineNs = System.nanoTime() + timeoutMs * 1_000_000;
      while (!Arrays.equals(newest, last)) {
        long leftMs = (deadlineNs - System.nanoTime()) / 1_000_000;
        if (leftMs <= 0) {
          throw new AssertionError("the last message is not among %d".formatted(messages));
        }
        wait(leftMs);
      }
      return bytes.toByteArray();
    }
  }

  final BlockingQueue<SrtRequest> requests = new LinkedBlockingQueue<>();
  final BlockingQueue<Recorded> opened = new LinkedBlockingQueue<>();
  final BlockingQueue<SrtSessionSummary> summaries = new LinkedBlockingQueue<>();
  final List<Recorded> all = new CopyOnWriteArrayList<>();
  volatile Function<SrtRequest, CompletionStage<SrtDecision>> decide =
      _ -> CompletableFuture.completedFuture(SrtDecision.accept());
  volatile Runnable whenOpened = () -> {};

  void decideAtOnce(SrtDecision decision) {
    decide = _ -> CompletableFuture.completedFuture(decision);
  }

  @Override
  public CompletionStage<SrtDecision> authorize(SrtRequest request) {
    requests.add(request);
    return decide.apply(request);
  }

  @Override
  public SrtPublicationListener opened(SrtPublication publication) {
    whenOpened.run();
    Recorded recorded = new Recorded(publication);
    all.add(recorded);
    opened.add(recorded);
    return recorded;
  }

  @Override
  public void sessionEnded(SrtSessionSummary summary) {
    summaries.add(summary);
  }
}
