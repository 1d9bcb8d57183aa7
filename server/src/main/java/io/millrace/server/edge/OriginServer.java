package io.millrace.server.edge;

import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import io.millrace.transport.http.client.ClientFailure;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.millrace.transport.http.client.ClientListener;
import io.millrace.transport.http.client.ClientRequest;
import io.millrace.transport.http.client.HttpClientPool;
import io.millrace.transport.http.client.ReplyHead;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One origin: its connections, and whether it is there. It is down when it cannot be connected to,
 * or does not answer two checks in a row: what is under way there is given up then, which a pause
 * of a busy server is not worth. A request may try it again after a while that doubles with each
 * failure, and a check that is answered brings it back. Confined to the cache's loop.
 */
final class OriginServer {
  private static final Logger LOG = LoggerFactory.getLogger(OriginServer.class);
  private static final Duration CHECK_WITHIN = Duration.ofSeconds(2);
  private static final long FIRST_BACKOFF_NS = 250_000_000L;
  private static final long MAX_BACKOFF_NS = 8_000_000_000L;
  private static final int MISSED_CHECKS = 2;
  private static final long NEVER = Long.MIN_VALUE;

  /** Cheap, and there on every Millrace. */
  private static final ClientRequest CHECK = new ClientRequest("/time", List.of(), CHECK_WITHIN);

  final String name;
  final HttpClientPool pool;
  private final HttpClientPool checks;
  private final LongSupplier clockNs;
  private final EventSink events;
  private boolean down;
  private boolean checking;
  private int missedChecks;
  private long backoffNs;
  private long retryAtNs;
  private volatile long troubleNs = NEVER;

  /**
   * @param name for logs
   * @param checks connections of their own, on which no check waits behind what viewers wait for
   */
  OriginServer(
      String name,
      HttpClientPool pool,
      HttpClientPool checks,
      LongSupplier clockNs,
      EventSink events) {
    this.events = events;
    this.name = name;
    this.pool = pool;
    this.checks = checks;
    this.clockNs = clockNs;
  }

  boolean isUp() {
    return !down;
  }

  /** True when it may be asked: it is up, or it is time to try again. */
  boolean mayBeAsked(long nowNs) {
    return !down || nowNs - retryAtNs >= 0;
  }

  /** True when it failed at that time or later; any thread. */
  boolean troubledSince(long sinceNs) {
    long atNs = troubleNs;
    return atNs != NEVER && atNs - sinceNs >= 0;
  }

  void close() {
    pool.close();
    checks.close();
  }

  void answered() {
    if (down) {
      events.say(
          LOG, EventNote.info(EventType.ORIGIN_UP, null, "origin is back").with("origin", name));
    }
    down = false;
    backoffNs = 0;
    missedChecks = 0;
  }

  /** A request failed. Whether the server is gone, a check will tell. */
  void failed(ClientFailure failure) {
    troubleNs = clockNs.getAsLong();
    switch (failure.kind()) {
      case CONNECT -> lost(failure);
      case TIMEOUT, BROKEN -> check();
      case BUSY, CLOSED -> {}
    }
  }

  private void lost(ClientFailure failure) {
    long nowNs = clockNs.getAsLong();
    troubleNs = nowNs;
    boolean first = !down;
    down = true;
    backoffNs = Math.clamp(2 * backoffNs, FIRST_BACKOFF_NS, MAX_BACKOFF_NS);
    retryAtNs = nowNs + backoffNs;
    if (first) {
      events.say(
          LOG,
          EventNote.warn(EventType.ORIGIN_DOWN, null, "origin is down")
              .with("origin", name)
              .with("cause", failure.detail()));
      pool.abort("the origin is down");
    }
  }

  private void missed(ClientFailure failure) {
    if (!failure.serverIsDown()) {
      return;
    }
    missedChecks++;
    if (failure.kind() == Kind.TIMEOUT && missedChecks < MISSED_CHECKS) {
      check();
    } else {
      lost(failure);
    }
  }

  /** Asks whether it is there, unless that is being asked already. */
  void check() {
    if (checking) {
      return;
    }
    checking = true;
    var _ =
        checks.get(
            CHECK,
            new ClientListener() {
              @Override
              public void head(ReplyHead head) {
                checking = false;
                answered();
              }

              @Override
              public void data(byte[] chunk) {}

              @Override
              public void ended() {}

              @Override
              public void failed(ClientFailure failure) {
                if (checking) {
                  checking = false;
                  missed(failure);
                }
              }
            });
  }
}
