package io.millrace.transport.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.tls.ReplayRegister.Sighting;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LocalReplayRegisterTest {
  private long nowNs = 5;

  private LocalReplayRegister register(int capacity) {
    return new LocalReplayRegister(capacity, () -> nowNs);
  }

  private void pass(long seconds) {
    nowNs += TimeUnit.SECONDS.toNanos(seconds);
  }

  @Test
  void aRepeatIsKnownForTwoMinutesWheneverItCame() {
    for (int offset = 0; offset < 240; offset += 7) {
      LocalReplayRegister register = register(64);
      register.sighting(Hellos.binder(1)); // begins the generations
      pass(offset);
      assertThat(register.sighting(Hellos.binder(2))).isEqualTo(Sighting.FIRST);
      pass(60);
      register.sighting(Hellos.binder(3)); // what comes in between moves nothing out
      pass(59);
      assertThat(register.sighting(Hellos.binder(2)))
          .as("%d s", offset)
          .isEqualTo(Sighting.REPEATED);
    }
  }

  @Test
  void whatIsOldIsForgotten() {
    LocalReplayRegister register = register(64);
    assertThat(register.sighting(Hellos.binder(1))).isEqualTo(Sighting.FIRST);
    pass(241);
    assertThat(register.sighting(Hellos.binder(1))).isEqualTo(Sighting.FIRST);
  }

  @Test
  void closedWhenFullAndOpenAgainLater() {
    LocalReplayRegister register = register(64);
    for (int i = 0; i < 64; i++) {
      assertThat(register.sighting(Hellos.binder(i))).isEqualTo(Sighting.FIRST);
    }
    assertThat(register.sighting(Hellos.binder(64))).isEqualTo(Sighting.UNKNOWN);
    assertThat(register.sighting(Hellos.binder(63))).isEqualTo(Sighting.REPEATED);
    pass(120);
    assertThat(register.sighting(Hellos.binder(65))).isEqualTo(Sighting.FIRST);
    assertThat(register.sighting(Hellos.binder(63))).isEqualTo(Sighting.REPEATED);
  }

  @Test
  void oneOfManyAtOnceIsTheFirst() throws Exception {
    LocalReplayRegister register = register(1024);
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Integer>> calls = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        calls.add(
            () -> {
              int firsts = 0;
              for (int n = 0; n < 500; n++) {
                firsts += register.sighting(Hellos.binder(n)) == Sighting.FIRST ? 1 : 0;
              }
              return firsts;
            });
      }
      int firsts = 0;
      for (Future<Integer> each : threads.invokeAll(calls)) {
        firsts += each.get();
      }
      assertThat(firsts).isEqualTo(500);
    }
  }

  @Test
  void binderOf48BytesCountsToItsEnd() {
    LocalReplayRegister register = register(64);
    byte[] one = new byte[48];
    byte[] other = new byte[48];
    other[47] = 1;
    assertThat(register.sighting(one)).isEqualTo(Sighting.FIRST);
    assertThat(register.sighting(other)).isEqualTo(Sighting.FIRST);
    assertThat(register.sighting(other)).isEqualTo(Sighting.REPEATED);
  }
}
