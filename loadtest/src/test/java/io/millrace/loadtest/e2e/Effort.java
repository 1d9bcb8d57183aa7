package io.millrace.loadtest.e2e;

/**
 * How much a repeating test does: in every build as much as finds what is wrong, and with {@code
 * -Dmillrace.thorough=true} as much as proves more.
 */
final class Effort {
  private static final boolean THOROUGH = Boolean.getBoolean("millrace.thorough");

  private Effort() {}

  static int of(int usual, int thorough) {
    return THOROUGH ? thorough : usual;
  }
}
