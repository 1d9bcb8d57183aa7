package io.millrace.transport.http.client;

import io.millrace.transport.http.client.ClientFailure.Kind;
import org.jspecify.annotations.Nullable;

/** One request on its way. Confined to the pool's event loop. */
final class Call {
  final ClientRequest request;
  private final ClientListener listener;

  /** Where it is under way; null while it waits for a connection. */
  @Nullable ClientConnection connection;

  /** Of HTTP/2. */
  int streamId;

  /** True once another connection was tried because the first had closed without looking at it. */
  boolean again;

  private boolean headed;
  private boolean done;
  private long deadlineNs;

  Call(ClientRequest request, ClientListener listener, long nowNs) {
    this.request = request;
    this.listener = listener;
    this.deadlineNs = nowNs + request.headWithin().toNanos();
  }

  boolean done() {
    return done;
  }

  /** True when nothing of the reply was seen. */
  boolean untouched() {
    return !headed;
  }

  boolean isLate(long nowNs) {
    return nowNs - deadlineNs > 0;
  }

  void progress(long untilNs) {
    deadlineNs = untilNs;
  }

  void head(ReplyHead head) {
    if (!done && !headed) {
      headed = true;
      listener.head(head);
    }
  }

  void data(byte[] chunk) {
    if (!done && headed && chunk.length > 0) {
      listener.data(chunk);
    }
  }

  void ended() {
    if (!done) {
      if (!headed) {
        failed(new ClientFailure(Kind.BROKEN, "a reply without a head"));
        return;
      }
      done = true;
      listener.ended();
    }
  }

  void failed(ClientFailure failure) {
    if (!done) {
      done = true;
      listener.failed(failure);
    }
  }

  /** The listener hears no more. */
  void drop() {
    done = true;
  }
}
