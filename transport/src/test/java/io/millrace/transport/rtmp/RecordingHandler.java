package io.millrace.transport.rtmp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** Accepts publishers as told, and writes down what they send. */
final class RecordingHandler implements RtmpPublishHandler {
  /** One thing that a listener was told; media bodies as their SHA-256. */
  record Event(String kind, long timestampMs, int bytes, String content) {}

  /** One publication with all that it was told. Read {@link #events} after {@link #end}. */
  static final class Recorded implements RtmpPublicationListener {
    final RtmpPublication publication;
    final List<Event> events = new ArrayList<>();
    final CompletableFuture<EndReason> end = new CompletableFuture<>();
    private final Consumer<Event> onEvent;

    Recorded(RtmpPublication publication, Consumer<Event> onEvent) {
      this.publication = publication;
      this.onEvent = onEvent;
    }

    @Override
    public void onMetadata(Map<String, Object> metadata) {
      add(new Event("metadata", 0, 0, metadata.toString()));
    }

    @Override
    public void onData(String name, long timestampMs, Map<String, Object> said, int sizeBytes) {
      add(new Event(name, timestampMs, sizeBytes, said.toString()));
    }

    @Override
    public void onVideo(long timestampMs, ByteBuf body) {
      media("video", timestampMs, body);
    }

    @Override
    public void onAudio(long timestampMs, ByteBuf body) {
      media("audio", timestampMs, body);
    }

    private void media(String kind, long timestampMs, ByteBuf body) {
      try {
        add(new Event(kind, timestampMs, body.readableBytes(), sha256(ByteBufUtil.getBytes(body))));
      } finally {
        body.release();
      }
    }

    private void add(Event event) {
      if (!publication.eventLoop().inEventLoop()) {
        throw new AssertionError("not on the event loop");
      }
      if (end.isDone()) {
        throw new AssertionError("event after the end: " + event);
      }
      events.add(event);
      onEvent.accept(event);
    }

    @Override
    public void onEnd(EndReason reason) {
      if (!end.complete(reason)) {
        throw new AssertionError("second end: " + reason);
      }
    }

    List<Event> of(String kind) {
      return events.stream().filter(event -> event.kind().equals(kind)).toList();
    }
  }

  final List<PublishRequest> requests = new ArrayList<>();
  final BlockingQueue<Recorded> opened = new LinkedBlockingQueue<>();
  final BlockingQueue<RtmpSessionSummary> summaries = new LinkedBlockingQueue<>();

  /** Answers publish requests. */
  Function<PublishRequest, CompletionStage<PublishDecision>> authorizer =
      _ -> CompletableFuture.completedFuture(PublishDecision.accept());

  /** Sees each event on the event loop; may throw what a listener may throw. */
  Consumer<Event> onEvent = _ -> {};

  /** Sees each publication before it begins. */
  Consumer<RtmpPublication> onOpened = _ -> {};

  @Override
  public CompletionStage<PublishDecision> authorize(PublishRequest request) {
    synchronized (requests) {
      requests.add(request);
    }
    return authorizer.apply(request);
  }

  @Override
  public RtmpPublicationListener opened(RtmpPublication publication) {
    if (!publication.eventLoop().inEventLoop()) {
      throw new AssertionError("not on the event loop");
    }
    Recorded recorded = new Recorded(publication, event -> onEvent.accept(event));
    opened.add(recorded);
    onOpened.accept(publication);
    return recorded;
  }

  @Override
  public void sessionEnded(RtmpSessionSummary summary) {
    summaries.add(summary);
  }

  Recorded awaitOpened() throws InterruptedException {
    Recorded recorded = opened.poll(20, TimeUnit.SECONDS);
    if (recorded == null) {
      throw new AssertionError("nobody published");
    }
    return recorded;
  }

  RtmpSessionSummary awaitSummary() throws InterruptedException {
    RtmpSessionSummary summary = summaries.poll(20, TimeUnit.SECONDS);
    if (summary == null) {
      throw new AssertionError("no session ended");
    }
    return summary;
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
