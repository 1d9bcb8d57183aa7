package io.millrace.server.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.event.Told;
import io.millrace.transport.Loops;
import io.millrace.transport.http.client.ClientCall;
import io.millrace.transport.http.client.ClientFailure;
import io.millrace.transport.http.client.ClientListener;
import io.millrace.transport.http.client.ClientRequest;
import io.millrace.transport.http.client.ClientSettings;
import io.millrace.transport.http.client.ClientTarget;
import io.millrace.transport.http.client.HttpClientPool;
import io.millrace.transport.http.client.ReplyHead;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** An origin that takes connections and says nothing, on a clock that a test moves. */
class OriginServerTest {
  @Test
  void oneThatDoesNotAnswerChecksIsDownUntilItDoes() throws Exception {
    Loops loops = Loops.open(1, "origin-test");
    EventLoop loop = loops.group().next();
    AtomicLong skippedNs = new AtomicLong();
    Told told = new Told();
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      ClientTarget target = new ClientTarget("127.0.0.1", silent.getLocalPort(), false);
      HttpClientPool pool = pool(loops, loop, target, skippedNs);
      OriginServer origin =
          new OriginServer(
              "it", pool, pool(loops, loop, target, skippedNs), () -> now(skippedNs), told);
      CompletableFuture<ClientFailure> underWay = new CompletableFuture<>();
      ClientCall _ =
          pool.get(
              new ClientRequest("/live/a/b", List.of(), Duration.ofMinutes(5)), listener(underWay));
      try (Socket request = silent.accept()) {
        loop.submit(origin::check).get(20, TimeUnit.SECONDS);
        try (Socket check = silent.accept()) {
          assertThat(loop.submit(origin::isUp).get(20, TimeUnit.SECONDS)).isTrue();
          skippedNs.set(Duration.ofSeconds(3).toNanos());
          try (Socket again = silent.accept()) {
            assertThat(again.isConnected()).as("asked once more").isTrue();
            assertThat(loop.submit(origin::isUp).get(20, TimeUnit.SECONDS)).isTrue();
            skippedNs.set(Duration.ofSeconds(6).toNanos());
            ClientFailure failure = underWay.get(20, TimeUnit.SECONDS);
            assertThat(failure.kind()).as("given up at once").isEqualTo(ClientFailure.Kind.CLOSED);
            assertThat(request.isConnected() && check.isConnected()).isTrue();
          }
        }
      }
      assertThat(loop.submit(origin::isUp).get(20, TimeUnit.SECONDS)).isFalse();
      long nowNs = now(skippedNs);
      long someNs = Duration.ofSeconds(20).toNanos();
      assertThat(loop.submit(() -> origin.mayBeAsked(nowNs - someNs)).get()).isFalse();
      assertThat(loop.submit(() -> origin.mayBeAsked(nowNs + someNs)).get()).isTrue();
      assertThat(origin.troubledSince(now(skippedNs) - Duration.ofMinutes(1).toNanos())).isTrue();
      loop.submit(origin::check).get(20, TimeUnit.SECONDS);
      try (Socket check = silent.accept()) {
        check
            .getOutputStream()
            .write("HTTP/1.1 204 No Content\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!loop.submit(origin::isUp).get(20, TimeUnit.SECONDS)) {
          assertThat(System.nanoTime()).isLessThan(deadlineNs);
        }
      }
      assertThat(told.words()).containsExactly("origin.down", "origin.up");
      origin.close();
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  private static long now(AtomicLong skippedNs) {
    return System.nanoTime() + skippedNs.get();
  }

  private static HttpClientPool pool(
      Loops loops, EventLoop loop, ClientTarget target, AtomicLong skippedNs) {
    return new HttpClientPool(
        loop, loops.channel(), target, null, ClientSettings.DEFAULTS, () -> now(skippedNs));
  }

  private static ClientListener listener(CompletableFuture<ClientFailure> failed) {
    return new ClientListener() {
      @Override
      public void head(ReplyHead head) {}

      @Override
      public void data(byte[] chunk) {}

      @Override
      public void ended() {}

      @Override
      public void failed(ClientFailure failure) {
        failed.complete(failure);
      }
    };
  }
}
