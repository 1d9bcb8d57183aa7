package io.millrace.packager.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DiskQueueTest {
  private final List<String> done = Collections.synchronizedList(new ArrayList<>());

  @Test
  void isBoundedByBytesAndNeverMakesAnyoneWait() throws InterruptedException {
    CountDownLatch disk = new CountDownLatch(1);
    CountDownLatch began = new CountDownLatch(1);
    try (DiskQueue queue = new DiskQueue("disk", 100, bug -> done.add("bug"))) {
      assertThat(
              queue.offer(
                  60,
                  () -> {
                    began.countDown();
                    await(disk);
                    done.add("first");
                  }))
          .isTrue();
      assertThat(began.await(5, TimeUnit.SECONDS)).isTrue();
      assertThat(queue.offer(41, () -> done.add("too much"))).isFalse();
      assertThat(queue.offer(40, () -> done.add("second"))).isTrue();
      assertThat(queue.offer(1, () -> done.add("too much"))).isFalse();
      assertThat(queue.offer(0, () -> done.add("order"))).isTrue();
      assertThat(queue.queuedBytes()).isEqualTo(100);
      assertThat(queue.refused()).isEqualTo(2);
      disk.countDown();
    }
    assertThat(done).containsExactly("first", "second", "order");
  }

  @Test
  void aTaskThatThrowsEndsNothing() {
    DiskQueue queue = new DiskQueue("disk", 100, bug -> done.add(bug.getMessage()));
    queue.offer(
        1,
        () -> {
          throw new IllegalStateException("oops");
        });
    assertThat(queue.offer(1, () -> done.add("next"))).isTrue();
    assertThat(queue.close(Duration.ofSeconds(5))).isTrue();
    assertThat(done).containsExactly("oops", "next");
    assertThat(queue.offer(1, () -> done.add("late"))).isFalse();
    assertThat(queue.queuedBytes()).isZero();
  }

  @Test
  void whatIsLargerThanTheBoundIsTakenAlone() {
    DiskQueue queue = new DiskQueue("disk", 100, bug -> done.add("bug"));
    assertThat(queue.offer(1_000, () -> done.add("large"))).isTrue();
    assertThat(queue.close(Duration.ofSeconds(5))).isTrue();
    assertThat(done).containsExactly("large");
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(5, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
