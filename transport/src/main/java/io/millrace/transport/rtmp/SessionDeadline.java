package io.millrace.transport.rtmp;

import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The one thing that a session waits for; setting the next one forgets it. Confined to a loop. */
final class SessionDeadline {
  private final EventExecutor executor;
  private @Nullable ScheduledFuture<?> scheduled;

  SessionDeadline(EventExecutor executor) {
    this.executor = executor;
  }

  void set(Duration after, Runnable then) {
    cancel();
    scheduled = executor.schedule(then, after.toNanos(), TimeUnit.NANOSECONDS);
  }

  void cancel() {
    if (scheduled != null) {
      scheduled.cancel(false);
      scheduled = null;
    }
  }
}
