package io.millrace.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LoopWaitersTest {
  /** An event loop that runs its tasks when the test says so. */
  private static final class Loop implements Executor {
    final Queue<Runnable> tasks = new ArrayDeque<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    void run() {
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
      }
    }
  }

  private static final class Waiter extends LoopWaiters.Waiter {
    final Runnable action;
    int wakes;

    Waiter(Runnable action) {
      this.action = action;
    }

    Waiter() {
      this(() -> {});
    }

    @Override
    protected void woken() {
      wakes++;
      action.run();
    }
  }

  private final LoopWaiters waiters = new LoopWaiters();
  private final Loop loop = new Loop();
  private final Loop other = new Loop();

  private Waiter join(Waiter waiter) {
    waiters.join(loop, waiter);
    return waiter;
  }

  @Test
  void manyAreWokenByOneTaskForEachLoop() {
    List<Waiter> many = IntStream.range(0, 1000).mapToObj(i -> join(new Waiter())).toList();
    Waiter elsewhere = new Waiter();
    waiters.join(other, elsewhere);
    waiters.wake();
    waiters.wake();
    assertThat(loop.tasks).hasSize(1);
    assertThat(other.tasks).hasSize(1);
    loop.run();
    assertThat(many).allMatch(waiter -> waiter.wakes == 1);
    assertThat(elsewhere.wakes).isZero();
    waiters.wake();
    loop.run();
    assertThat(many).allMatch(waiter -> waiter.wakes == 2);
  }

  @Test
  void loopWithoutWaitersIsLeftAlone() {
    Waiter waiter = join(new Waiter());
    assertThat(waiter.waits()).isTrue();
    waiter.leave();
    waiter.leave();
    assertThat(waiter.waits()).isFalse();
    waiters.wake();
    assertThat(loop.tasks).isEmpty();
  }

  @Test
  void areToldInTheOrderInWhichTheyJoined() {
    List<Integer> order = new ArrayList<>();
    List<Waiter> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      int number = i;
      all.add(join(new Waiter(() -> order.add(number))));
    }
    all.get(2).leave();
    join(all.get(2));
    waiters.wake();
    loop.run();
    assertThat(order).containsExactly(0, 1, 3, 4, 2);
  }

  @Test
  void mayLeaveTakeOthersAlongAndJoinAgainWhileTheyAreTold() {
    List<Waiter> all = new ArrayList<>();
    all.add(join(new Waiter(() -> all.get(0).leave())));
    all.add(
        join(
            new Waiter(
                () -> {
                  all.get(2).leave();
                  all.get(1).leave();
                  all.get(3).leave();
                  join(all.get(1));
                })));
    for (int i = 2; i < 5; i++) {
      all.add(join(new Waiter()));
    }
    waiters.wake();
    loop.run();
    assertThat(all).extracting(waiter -> waiter.wakes).containsExactly(1, 1, 0, 0, 1);
    assertThat(all).extracting(Waiter::waits).containsExactly(false, true, false, false, true);
    waiters.wake();
    loop.run();
    assertThat(all).extracting(waiter -> waiter.wakes).containsExactly(1, 2, 0, 0, 2);
  }

  @Test
  void wakeWhileTheyAreToldIsNotLost() {
    Waiter waiter = join(new Waiter());
    Waiter waking = join(new Waiter());
    waiters.wake();
    Runnable task = loop.tasks.remove();
    waiters.wake(); // folded into the one under way
    assertThat(loop.tasks).isEmpty();
    task.run();
    waiters.wake();
    loop.run();
    assertThat(waiter.wakes).isEqualTo(2);
    assertThat(waking.wakes).isEqualTo(2);
  }

  @Test
  void joiningTwiceIsADefect() {
    Waiter waiter = join(new Waiter());
    assertThatThrownBy(() -> join(waiter)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void loopThatIsShutDownIsLeftAlone() {
    Executor down =
        task -> {
          throw new RejectedExecutionException();
        };
    Waiter waiter = new Waiter();
    waiters.join(down, waiter);
    waiters.wake();
    assertThat(waiter.wakes).isZero();
  }
}
