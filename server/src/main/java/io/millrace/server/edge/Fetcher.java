package io.millrace.server.edge;

import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.client.ClientCall;
import io.millrace.transport.http.client.ClientListener;
import java.util.List;

/** Where objects come from. */
interface Fetcher {
  /**
   * Asks for an object. Any thread; the listener is called on {@link EdgeCache}'s loop, never
   * before this returns.
   *
   * @param headers conditions and what else belongs to this request
   */
  ClientCall fetch(ObjectKey key, List<Header> headers, ClientListener listener);

  /**
   * True when the origin where a stream was last found could not be reached at that time or later,
   * and the stream has not been seen there since.
   *
   * @param stream {@code /app/name}
   * @param sinceNs {@link System#nanoTime}
   */
  boolean troubledSince(String stream, long sinceNs);
}
