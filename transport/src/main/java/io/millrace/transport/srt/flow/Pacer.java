package io.millrace.transport.srt.flow;

/**
 * When the next packet may leave (live congestion control, draft-sharabayko-srt-01 §5.1): at the
 * measured input rate plus overhead, and faster when a burst of input, such as a key frame, would
 * otherwise use the latency up. What is sent again may not, in the long run, be more than the
 * overhead of what is sent for the first time; a latency's worth of it is allowed at once, so that
 * an outage can be made good.
 */
final class Pacer {
  private static final long MEASURE_US = 1_000_000;
  private static final long FIRST_MEASURE_US = 500_000;

  /** Timers may be so late without making the rate lower. */
  private static final long CATCH_UP_US = 10_000;

  private static final long LEAST_DRAIN_US = 10_000;
  private static final long MOST_DRAIN_US = 100_000;

  /** After a silence the measure says nothing of what comes next. */
  private static final long LEAST_INPUT_BYTES_PER_SECOND = 64 * 1024;

  private static final long LEAST_ALLOWANCE_BYTES = 64 * 1024;

  private final int overheadPercent;
  private final long latencyUs;
  private final long drainUs;
  private final long leastInputBytesPerSecond;

  private long inputBytesPerSecond;
  private long measuredBytes;
  private long measureStartUs;
  private boolean measured;

  /** When the last packet should have left, and its size. */
  private long lastSendUs;

  private int lastBytes;
  private long allowanceBytes = LEAST_ALLOWANCE_BYTES;

  Pacer(FlowSettings.Sending settings, long startUs) {
    this.overheadPercent = settings.overheadPercent();
    this.latencyUs = settings.latencyUs();
    this.leastInputBytesPerSecond = settings.inputBytesPerSecond();
    this.inputBytesPerSecond = LEAST_INPUT_BYTES_PER_SECOND;
    this.drainUs = Math.clamp(latencyUs / 8, LEAST_DRAIN_US, MOST_DRAIN_US);
    this.measureStartUs = startUs;
    this.lastSendUs = startUs;
  }

  /** Takes note of input. */
  void input(int bytes, long nowUs) {
    long elapsedUs = nowUs - measureStartUs;
    if (elapsedUs >= (measured ? MEASURE_US : FIRST_MEASURE_US)) {
      long rate = measuredBytes * 1_000_000 / elapsedUs;
      long smoothed = Math.max(rate, (rate + inputBytesPerSecond) / 2);
      inputBytesPerSecond = Math.max(smoothed, LEAST_INPUT_BYTES_PER_SECOND);
      measured = true;
      measuredBytes = 0;
      measureStartUs = nowUs;
    }
    measuredBytes += bytes;
  }

  /**
   * When the next packet may leave.
   *
   * @param unsentBytes what waits to be sent for the first time
   */
  long nextSendUs(int unsentBytes) {
    return lastSendUs + periodUs(unsentBytes);
  }

  /**
   * A packet leaves.
   *
   * @param unsentBytes what waited, this packet included
   * @param pair whether the next packet follows at once, for the peer to measure the link by
   */
  void sent(int bytes, int unsentBytes, boolean pair, long nowUs) {
    lastSendUs = Math.max(nextSendUs(unsentBytes), nowUs - CATCH_UP_US);
    lastBytes = pair ? 0 : bytes;
  }

  /** Least time from the last packet to the next one. */
  long periodUs(int unsentBytes) {
    if (!isLimited()) {
      return 0;
    }
    long rate = Math.max(bytesPerSecond(), unsentBytes * 1_000_000L / drainUs);
    return lastBytes * 1_000_000L / rate;
  }

  /** Not as long as nothing is known of the input. */
  boolean isLimited() {
    return measured || leastInputBytesPerSecond > 0;
  }

  /** The rate when nothing waits. */
  long bytesPerSecond() {
    long input = Math.max(inputBytesPerSecond, leastInputBytesPerSecond);
    return input * (100 + overheadPercent) / 100;
  }

  /** A packet was sent for the first time. */
  void earn(int bytes) {
    long most = Math.max(LEAST_ALLOWANCE_BYTES, inputBytesPerSecond * latencyUs / 1_000_000);
    allowanceBytes = Math.min(allowanceBytes + (long) bytes * overheadPercent / 100, most);
  }

  boolean maySendAgain() {
    return allowanceBytes > 0;
  }

  void spend(int bytes) {
    allowanceBytes -= bytes;
  }
}
