package io.millrace.codec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A sender waits for what the other side has used. */
class WindowTest {
  private final AtomicLong nowNs = new AtomicLong(1_000);
  private final Window window = new Window(100, nowNs::get);

  @Test
  void theLastOneMayGoOverTheEdgeAndTheNextWaits() throws Exception {
    assertThat(window.acquire(99)).isTrue();
    assertThat(window.acquire(500)).isTrue();
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> window.acquire(1));
    window.release(499);
    assertThat(waiting).isNotDone();
    window.release(1);
    assertThat(waiting.get(5, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void whoWaitsIsLetGoWhenItIsClosed() throws Exception {
    assertThat(window.acquire(100)).isTrue();
    CompletableFuture<Boolean> waiting = CompletableFuture.supplyAsync(() -> window.acquire(1));
    window.close();
    assertThat(waiting.get(5, TimeUnit.SECONDS)).isFalse();
    assertThat(window.acquire(1)).isFalse();
  }

  @Test
  void creditForWhatWasNotSentIsAFault() throws WireException {
    assertThat(window.acquire(10)).isTrue();
    assertThatThrownBy(() -> window.release(11)).isInstanceOf(WireException.class);
    assertThatThrownBy(() -> window.release(0)).isInstanceOf(WireException.class);
    assertThatThrownBy(() -> window.release(-5)).isInstanceOf(WireException.class);
    window.release(10);
  }

  @Test
  void itIsStillSinceNothingWasUsedAndNotWhileNothingIsOnItsWay() throws WireException {
    assertThat(window.stillNs(50_000)).isZero();
    window.acquire(10);
    nowNs.set(3_000);
    window.acquire(10);
    assertThat(window.stillNs(4_000)).isEqualTo(3_000);
    window.release(10);
    assertThat(window.stillNs(4_500)).isEqualTo(1_500);
    window.release(10);
    assertThat(window.stillNs(9_000)).isZero();
    nowNs.set(20_000);
    window.acquire(10);
    assertThat(window.stillNs(20_500)).isEqualTo(500);
  }
}
