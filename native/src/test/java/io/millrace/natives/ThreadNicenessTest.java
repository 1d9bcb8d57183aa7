package io.millrace.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;

class ThreadNicenessTest {
  @Test
  void isOfOneThreadAndOfThoseItStarts() throws InterruptedException {
    int own = ThreadNiceness.add(0);
    AtomicIntegerArray seen = new AtomicIntegerArray(3);
    Thread nice =
        Thread.ofPlatform()
            .start(
                () -> {
                  seen.set(0, ThreadNiceness.add(3));
                  Thread child =
                      Thread.ofPlatform().start(() -> seen.set(1, ThreadNiceness.add(0)));
                  join(child);
                  seen.set(2, ThreadNiceness.add(40));
                });
    nice.join();
    assertThat(seen.get(0)).isEqualTo(Math.min(19, own + 3));
    assertThat(seen.get(1)).as("inherited").isEqualTo(seen.get(0));
    assertThat(seen.get(2)).as("there is no more").isEqualTo(19);
    assertThat(ThreadNiceness.add(0)).as("of nobody else").isEqualTo(own);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void isNotTakenBack() {
    assertThatThrownBy(() -> ThreadNiceness.add(-1)).isInstanceOf(IllegalArgumentException.class);
  }
}
