package io.millrace.server.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StandbyTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<FakeWorker> started = new ArrayList<>();
  private boolean failing;
  private final Standby standby = new Standby(this::start, 0);

  private Worker start() throws IOException {
    if (failing) {
      throw new IOException("no more processes");
    }
    FakeWorker worker = new FakeWorker(started.size() + 1, new byte[0], (server, open) -> {});
    started.add(worker);
    return worker;
  }

  @AfterEach
  void end() {
    started.forEach(FakeWorker::close);
  }

  @Test
  void theOneThatWaitsIsTakenAndAnotherFollowsLater() throws Exception {
    standby.look(0);
    standby.look(SECOND);
    assertThat(started).hasSize(1);
    assertThat(standby.take(SECOND).pid()).isEqualTo(1);
    standby.look(SECOND);
    standby.look(3 * SECOND - 1);
    assertThat(started).hasSize(1);
    standby.look(3 * SECOND);
    assertThat(started).hasSize(2);
    assertThat(standby.take(4 * SECOND).pid()).isEqualTo(2);
    assertThat(standby.take(4 * SECOND).pid()).as("nobody waits: started now").isEqualTo(3);
  }

  @Test
  void oneThatHasEndedIsNotGivenAway() throws Exception {
    standby.look(0);
    awaitEnd(started.getFirst());
    assertThat(standby.take(SECOND).pid()).isEqualTo(2);
  }

  @Test
  void oneThatEndsWhileItWaitsIsFollowedByAnotherButNotAtOnce() throws Exception {
    standby.look(0);
    awaitEnd(started.getFirst());
    standby.look(SECOND);
    standby.look(30 * SECOND);
    assertThat(started).hasSize(1);
    standby.look(31 * SECOND);
    assertThat(started).hasSize(2);
  }

  @Test
  void failuresAreTriedAgainLater() {
    failing = true;
    standby.look(0);
    failing = false;
    standby.look(29 * SECOND);
    assertThat(started).isEmpty();
    standby.look(30 * SECOND);
    assertThat(started).hasSize(1);
  }

  @Test
  void nobodyIsLeftAtTheEnd() {
    standby.look(0);
    standby.close();
    assertThat(started.getFirst().awaitEnd(Duration.ofSeconds(10))).isPresent();
    standby.look(60 * SECOND);
    assertThat(started).hasSize(1);
  }

  private static void awaitEnd(FakeWorker worker) {
    worker.crash(1);
    assertThat(worker.awaitEnd(Duration.ofSeconds(10))).isPresent();
  }
}
