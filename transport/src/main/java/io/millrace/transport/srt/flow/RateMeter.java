package io.millrace.transport.srt.flow;

/** Bytes a second, measured over whole seconds. */
final class RateMeter {
  private static final long PERIOD_US = 1_000_000;

  private long periodStartUs;
  private long bytes;
  private long bytesPerSecond;

  RateMeter(long nowUs) {
    periodStartUs = nowUs;
  }

  void add(int bytes, long nowUs) {
    roll(nowUs);
    this.bytes += bytes;
  }

  /** Of the last whole second; 0 before there is one. */
  long bytesPerSecond(long nowUs) {
    roll(nowUs);
    return bytesPerSecond;
  }

  double mbps(long nowUs) {
    return bytesPerSecond(nowUs) * 8 / 1e6;
  }

  private void roll(long nowUs) {
    long elapsedUs = nowUs - periodStartUs;
    if (elapsedUs >= PERIOD_US) {
      bytesPerSecond = bytes * PERIOD_US / elapsedUs;
      bytes = 0;
      periodStartUs = nowUs;
    }
  }
}
