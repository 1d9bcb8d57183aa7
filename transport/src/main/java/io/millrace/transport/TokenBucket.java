package io.millrace.transport;

/** So many a second, and a second's worth at once. Confined to one thread. */
public final class TokenBucket {
  private final int perSecond;
  private long tokensMillionths;
  private long lastUs;

  public TokenBucket(int perSecond, long nowUs) {
    this.perSecond = perSecond;
    fill(nowUs);
  }

  /** When it was last asked, or filled. */
  public long lastUs() {
    return lastUs;
  }

  /** As new. */
  public void fill(long nowUs) {
    tokensMillionths = perSecond * 1_000_000L;
    lastUs = nowUs;
  }

  public boolean take(long nowUs) {
    long passedUs = Math.min(1_000_000, Math.max(0, nowUs - lastUs));
    lastUs = nowUs;
    tokensMillionths = Math.min(perSecond * 1_000_000L, tokensMillionths + passedUs * perSecond);
    if (tokensMillionths < 1_000_000) {
      return false;
    }
    tokensMillionths -= 1_000_000;
    return true;
  }
}
