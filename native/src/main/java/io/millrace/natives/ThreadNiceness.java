package io.millrace.natives;

/**
 * The niceness of a thread (nice(2)), which on Linux is each thread's own, and inherited by threads
 * that it starts. It may be raised by anybody, and lowered again by privileged processes only.
 */
public final class ThreadNiceness {
  private ThreadNiceness() {}

  static {
    NativeShims.load();
  }

  /**
   * Makes the calling thread nicer, which is final.
   *
   * @param steps added to what it is; 19 is the most that there is
   * @return what it is now, -20 to 19
   */
  public static int add(int steps) {
    if (steps < 0) {
      throw new IllegalArgumentException("a thread cannot take it back: " + steps);
    }
    return add0(steps);
  }

  private static native int add0(int steps);
}
