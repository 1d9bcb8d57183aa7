package io.millrace.server.origin;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.LoopWaiters;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpProtocol;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.QueryParameters;
import io.millrace.transport.http.RequestHeaders;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Limits and time of requests that wait, on a virtual clock. */
class ParkingTest {
  private static final Duration HOLD = Duration.ofSeconds(5);

  /** An event loop whose passes the test makes. */
  private static final class Loop extends ScheduledThreadPoolExecutor {
    @Nullable Runnable pass;
    @Nullable ScheduledFuture<?> scheduled;

    Loop() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable task, long initial, long delay, TimeUnit unit) {
      pass = task;
      scheduled = schedule(() -> {}, 1, TimeUnit.DAYS);
      return scheduled;
    }

    void pass() {
      requireNonNull(pass).run();
    }

    boolean passes() {
      return scheduled != null && !scheduled.isCancelled();
    }
  }

  private static final class Exchange implements HttpExchange {
    private final ScheduledExecutorService loop;
    private final int inFlight;
    @Nullable HttpReply reply;
    @Nullable Runnable cancel;

    Exchange(ScheduledExecutorService loop, int inFlight) {
      this.loop = loop;
      this.inFlight = inFlight;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String path() {
      return "/";
    }

    @Override
    public QueryParameters query() {
      return QueryParameters.NONE;
    }

    @Override
    public RequestHeaders headers() {
      return RequestHeaders.NONE;
    }

    @Override
    public byte[] body() {
      return new byte[0];
    }

    @Override
    public InetSocketAddress remote() {
      return new InetSocketAddress(0);
    }

    @Override
    public boolean secure() {
      return false;
    }

    @Override
    public boolean early() {
      return false;
    }

    @Override
    public HttpProtocol protocol() {
      return HttpProtocol.HTTP_2;
    }

    @Override
    public boolean respond(HttpReply given) {
      reply = given;
      return true;
    }

    @Override
    public void onCancel(Runnable action) {
      cancel = action;
    }

    @Override
    public boolean cancelled() {
      return false;
    }

    @Override
    public void route(String name) {}

    @Override
    public int inFlight() {
      return inFlight;
    }

    @Override
    public ScheduledExecutorService executor() {
      return loop;
    }
  }

  private final class Request extends Parked {
    final Exchange of;
    boolean there;

    Request(Exchange of) {
      super(of);
      this.of = of;
    }

    @Override
    @Nullable HttpReply answer() {
      return there ? HttpReply.of(200) : null;
    }

    @Override
    HttpReply late() {
      return HttpReply.of(503);
    }

    boolean park() {
      return parking.park(this, HOLD, it -> waiters.join(loop, it));
    }

    int status() {
      return of.reply == null ? 0 : of.reply.status();
    }
  }

  private final Loop loop = new Loop();
  private final LoopWaiters waiters = new LoopWaiters();
  private long nowNs = 7;
  private final Parking parking = new Parking(3, 2, Duration.ofMillis(250), () -> nowNs);

  private Request request(int inFlight) {
    return new Request(new Exchange(loop, inFlight));
  }

  @AfterEach
  void stop() {
    loop.shutdownNow();
  }

  @Test
  void thereIsRoomForSoManyInAllAndOnOneConnection() {
    assertThat(request(3).park()).isFalse();
    List<Request> all = Stream.generate(() -> request(2)).limit(3).toList();
    assertThat(all).allMatch(Request::park);
    assertThat(request(1).park()).isFalse();
    assertThat(parking.parked()).isEqualTo(3);
    requireNonNull(all.getFirst().of.cancel).run();
    assertThat(parking.parked()).isEqualTo(2);
    assertThat(request(1).park()).isTrue();
  }

  @Test
  void oneThatHasWaitedTooLongIsAnsweredByThePassOfItsLoop() {
    Request early = request(1);
    early.park();
    nowNs += Duration.ofSeconds(1).toNanos();
    Request later = request(1);
    later.park();
    nowNs += HOLD.minusSeconds(1).toNanos() - 1;
    loop.pass();
    assertThat(List.of(early.status(), later.status())).containsExactly(0, 0);
    nowNs++;
    loop.pass();
    assertThat(List.of(early.status(), later.status())).containsExactly(503, 0);
    assertThat(loop.passes()).isTrue();
    nowNs += HOLD.toNanos();
    loop.pass();
    assertThat(later.status()).isEqualTo(503);
    assertThat(parking.parked()).isZero();
    assertThat(loop.passes()).as("nobody waits").isFalse();
    assertThat(request(1).park()).isTrue();
    assertThat(loop.passes()).isTrue();
  }

  @Test
  void whatCameBeforeItHadJoinedIsNotMissed() {
    Request request = request(1);
    request.there = true;
    assertThat(request.park()).isTrue();
    assertThat(request.status()).isEqualTo(200);
    assertThat(request.waits()).isFalse();
    assertThat(parking.parked()).isZero();
  }
}
