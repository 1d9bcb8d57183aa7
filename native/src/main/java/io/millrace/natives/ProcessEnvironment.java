package io.millrace.natives;

/**
 * The process environment that native libraries read. Java's own view of it ({@link System#getenv})
 * does not change.
 */
public final class ProcessEnvironment {
  private ProcessEnvironment() {}

  static {
    NativeShims.load();
  }

  /**
   * Sets a variable unless whoever started the process did. Not synchronised with native code that
   * reads the environment at the same moment: call it before such code runs.
   *
   * @return false when the system refused
   */
  public static boolean setIfAbsent(String name, String value) {
    if (name.isEmpty() || name.indexOf('=') >= 0) {
      throw new IllegalArgumentException("not a variable name: " + name);
    }
    return setIfAbsent0(name, value);
  }

  private static native boolean setIfAbsent0(String name, String value);
}
