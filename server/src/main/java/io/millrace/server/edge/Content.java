package io.millrace.server.edge;

import io.millrace.transport.http.GrowingContent;
import io.millrace.transport.http.ReplyBody;
import java.util.Arrays;
import java.util.List;

/**
 * What has come of a reply so far, within the room that the cache has for it. It may come from more
 * than one reply: what breaks off goes on where it ended. Confined to the cache's loop, but for
 * what {@link GrowingContent.Source} says.
 */
final class Content implements GrowingContent.Source {
  private final EdgeCache cache;
  private Chunks chunks = new Chunks();
  private long takenBytes;
  private long skipBytes;
  private volatile GrowingContent.Growth growth =
      new GrowingContent.Growth(List.of(), GrowingContent.State.GROWING);
  private volatile Runnable wake = () -> {};

  Content(EdgeCache cache) {
    this.cache = cache;
  }

  long sizeBytes() {
    return chunks.sizeBytes();
  }

  /** The size that it would have with a chunk more. */
  long sizeWith(byte[] chunk) {
    return chunks.sizeBytes() + Math.max(0, chunk.length - skipBytes);
  }

  /**
   * The next byte that comes is this one of the content, counted from 0; what is here is left out.
   */
  void resumeFrom(long offset) {
    skipBytes = chunks.sizeBytes() - offset;
  }

  /** Takes a chunk over; false when there is no room for it. */
  boolean add(byte[] chunk) {
    int known = (int) Math.min(skipBytes, chunk.length);
    skipBytes -= known;
    int moreBytes = chunk.length - known;
    if (moreBytes == 0) {
      return true;
    }
    if (!cache.take(moreBytes)) {
      return false;
    }
    takenBytes += moreBytes;
    chunks.add(known == 0 ? chunk : Arrays.copyOfRange(chunk, known, chunk.length));
    return true;
  }

  /** All of it, in as many arrays as it came in. */
  ReplyBody pieces() {
    return ReplyBody.of(chunks.view());
  }

  /** All of it, in one. */
  ReplyBody joined() {
    return ReplyBody.of(chunks.joined());
  }

  /** Begins anew, and gives its room back. */
  void clear() {
    cache.giveBack(takenBytes);
    takenBytes = 0;
    skipBytes = 0;
    chunks = new Chunks();
  }

  /** Tells those who read it as it grows. */
  void grown(GrowingContent.State state) {
    growth = new GrowingContent.Growth(chunks.view(), state);
    wake.run();
  }

  @Override
  public GrowingContent.Growth growth() {
    return growth;
  }

  @Override
  public void onGrowth(Runnable run) {
    wake = run;
  }
}
