package io.millrace.loadtest.fuzz;

/** A target that breaks on inputs that no one guesses, and that comparisons lead to. */
public final class PlantedFault {
  private PlantedFault() {}

  public static void fuzzerTestOneInput(byte[] data) {
    if (data.length >= 4 && data[0] == 'M' && data[1] == 'R') {
      int value = data[2] << 8 | data[3] & 0xFF;
      if (value == 0x1935) {
        throw new IllegalStateException("planted");
      }
    }
  }
}
