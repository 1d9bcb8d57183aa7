package io.millrace.transport.http;

import java.net.InetSocketAddress;
import java.util.concurrent.ScheduledExecutorService;

/**
 * One request and the right to answer it once.
 *
 * <p>The request side is immutable and may be read from any thread. A parked exchange holds its
 * request fields and nothing else: no timer, no buffer, no thread.
 */
public interface HttpExchange {
  /** The method token as sent, such as {@code GET}; case-sensitive (RFC 9110 §9.1). */
  String method();

  /**
   * The path, percent-decoded exactly once, starting with {@code /}: no {@code .} or {@code ..}
   * segment, no empty one but the last, no control character, no backslash. See {@link
   * RequestTarget}.
   */
  String path();

  QueryParameters query();

  RequestHeaders headers();

  /** The request's content, complete; empty for most. Shared, read-only. */
  byte[] body();

  /** The peer's transport address. */
  InetSocketAddress remote();

  /** True behind TLS. */
  boolean secure();

  HttpProtocol protocol();

  /**
   * True when the request was taken up before the client's Finished, out of TLS or QUIC early data:
   * it may be a replay, so nothing may be done for it that leaves a trace (RFC 8446 §8, RFC 8470).
   * Fixed when the request is handed over.
   */
  boolean early();

  /**
   * Answers. Any thread; the first call counts.
   *
   * @return false if the exchange was already answered, or cancelled: the reply is dropped
   */
  boolean respond(HttpReply reply);

  /**
   * Has {@code action} run, on the event loop, once if the client goes away before the reply is
   * given; at once if it has already gone. The last action set is the one that is run.
   */
  void onCancel(Runnable action);

  /** True once the client has gone, whether or not a reply was given. */
  boolean cancelled();

  /** Names the route for metrics: a word out of a fixed, small set. */
  void route(String name);

  /** Requests of this connection that were read and are not answered to the end, with this one. */
  int inFlight();

  /** The connection's event loop; it is shared, so nobody shuts it down. */
  ScheduledExecutorService executor();
}
