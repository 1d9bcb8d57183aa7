package io.millrace.codec.ladder;

/**
 * The audio rendition that all video renditions share.
 *
 * @param passthrough true when the publisher's AAC is served as it is; audio then never enters the
 *     transcoder
 * @param bitrateBps of the AAC-LC encoder in bits per second; 0 with {@code passthrough}
 */
public record AudioRung(boolean passthrough, long bitrateBps) {
  public static final AudioRung PASSTHROUGH = new AudioRung(true, 0);

  public AudioRung {
    if (!passthrough && (bitrateBps < 16_000 || bitrateBps > 512_000)) {
      throw new IllegalArgumentException("audio bit rate out of 16k to 512k: " + bitrateBps);
    }
  }

  /** Re-encodes to AAC-LC at {@code bitrateBps}, sample rate and channels kept (at most 2). */
  public static AudioRung aac(long bitrateBps) {
    return new AudioRung(false, bitrateBps);
  }
}
