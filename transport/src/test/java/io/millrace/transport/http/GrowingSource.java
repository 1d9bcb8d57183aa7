package io.millrace.transport.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Content that a test lets grow. Thread-safe. */
final class GrowingSource implements GrowingContent.Source {
  final GrowingContent content = new GrowingContent(this);
  private final List<Runnable> wakes = new CopyOnWriteArrayList<>();
  private volatile GrowingContent.Growth growth =
      new GrowingContent.Growth(List.of(), GrowingContent.State.GROWING);

  HttpReply reply() {
    return reply(ReplyBody.UNKNOWN);
  }

  /** With a length that is known before the end. */
  HttpReply reply(long sizeBytes) {
    return new HttpReply(
        200,
        List.of(new HttpReply.Header("content-type", "t/p")),
        new ReplyBody.Growing(content, sizeBytes));
  }

  void add(String chunk) {
    add(chunk.getBytes(StandardCharsets.US_ASCII));
  }

  synchronized void add(byte[] chunk) {
    List<byte[]> chunks = new ArrayList<>(growth.chunks());
    chunks.add(chunk);
    become(chunks, GrowingContent.State.GROWING);
  }

  synchronized void complete() {
    become(growth.chunks(), GrowingContent.State.COMPLETE);
  }

  synchronized void abandon() {
    become(growth.chunks(), GrowingContent.State.ABANDONED);
  }

  private void become(List<byte[]> chunks, GrowingContent.State state) {
    growth = new GrowingContent.Growth(List.copyOf(chunks), state);
    wakes.forEach(Runnable::run);
  }

  /** How many times it is listened to. */
  int listeners() {
    return wakes.size();
  }

  @Override
  public GrowingContent.Growth growth() {
    return growth;
  }

  @Override
  public void onGrowth(Runnable wake) {
    wakes.add(wake);
  }
}
