package io.millrace.loadtest.hls;

/**
 * A player's buffer without a player: it starts when enough is buffered, drains in real time, and
 * stalls when it is empty until the next segment has come. Times are {@code System.nanoTime()}
 * values given by the caller. Confined to one thread.
 */
public final class Playhead {
  private enum State {
    STARTING,
    PLAYING,
    STALLED
  }

  private State state = State.STARTING;
  private long bufferedUs;
  private long seenNs;
  private long stalls;
  private long stalledUs;

  /**
   * Media has arrived.
   *
   * @param startAtUs how much must be buffered to start, the first time
   */
  public void arrived(long nowNs, long durationUs, long startAtUs) {
    advance(nowNs);
    bufferedUs += durationUs;
    if (state == State.STALLED || bufferedUs >= startAtUs) {
      state = State.PLAYING;
    }
  }

  /** Lets time pass. */
  public void advance(long nowNs) {
    long elapsedUs = (nowNs - seenNs) / 1_000;
    seenNs += elapsedUs * 1_000;
    switch (state) {
      case STARTING -> seenNs = nowNs;
      case PLAYING -> {
        bufferedUs -= elapsedUs;
        if (bufferedUs < 0) {
          state = State.STALLED;
          stalls++;
          stalledUs -= bufferedUs;
          bufferedUs = 0;
        }
      }
      case STALLED -> stalledUs += elapsedUs;
    }
  }

  public long stalls() {
    return stalls;
  }

  public long stalledUs() {
    return stalledUs;
  }

  public long bufferedUs() {
    return bufferedUs;
  }
}
