package io.millrace.transport.srt.flow;

/**
 * A clock beside the simulation's.
 *
 * @param offsetUs what it shows when the simulation starts
 * @param skewPpm how many millionths it runs fast; negative when slow
 */
record SimulatedClock(long offsetUs, long skewPpm) {
  private static final long MILLION = 1_000_000;

  long localUs(long simulationUs) {
    return offsetUs + simulationUs + simulationUs * skewPpm / MILLION;
  }

  /** The first instant of the simulation at which the clock shows {@code localUs}. */
  long simulationUs(long localUs) {
    long passedUs = localUs - offsetUs;
    long guessUs = passedUs - Math.floorDiv(passedUs * skewPpm, MILLION + skewPpm);
    while (localUs(guessUs) < localUs) {
      guessUs++;
    }
    while (localUs(guessUs - 1) >= localUs) {
      guessUs--;
    }
    return guessUs;
  }
}
