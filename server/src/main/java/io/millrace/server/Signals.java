package io.millrace.server;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import sun.misc.Signal;

/**
 * SIGTERM and Ctrl-C ask for an orderly end; the second of them, or a stuck end, stops the process.
 */
final class Signals {
  private static final int EXIT_FAILED = 1;

  private final CountDownLatch asked = new CountDownLatch(1);
  private final AtomicInteger count = new AtomicInteger();

  /**
   * Takes the signals over.
   *
   * @param reload what SIGHUP does; called on the JVM's signal thread
   */
  static Signals install(Runnable reload) {
    Signals signals = new Signals();
    for (String name : new String[] {"TERM", "INT"}) {
      Signal.handle(new Signal(name), _ -> signals.stop());
    }
    Signal.handle(new Signal("HUP"), _ -> reload.run());
    return signals;
  }

  private void stop() {
    if (count.incrementAndGet() > 1) {
      Runtime.getRuntime().halt(EXIT_FAILED);
    }
    asked.countDown();
  }

  /** Waits for the first signal. */
  void await() throws InterruptedException {
    asked.await();
  }
}
