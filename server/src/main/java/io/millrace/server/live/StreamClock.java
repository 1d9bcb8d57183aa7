package io.millrace.server.live;

import java.time.Instant;

/** The time as streams see it; tests bring their own. Thread-safe. */
public interface StreamClock {
  StreamClock SYSTEM =
      new StreamClock() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /** Wall-clock time. */
  Instant now();

  /** Monotonic time, for differences. */
  long nanos();
}
