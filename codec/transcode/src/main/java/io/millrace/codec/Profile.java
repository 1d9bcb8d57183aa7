package io.millrace.codec;

/** What an encoder trades: delay and CPU against bits. */
public enum Profile {
  /**
   * Lowest delay, lowest cost: x264 {@code zerolatency} without B-frames, SVT-AV1 low delay with
   * {@code rtc}, constant bit rate.
   */
  FAST,
  /**
   * Four to seven tenths of a second more delay for a fifth to a third fewer bits: x264 with
   * B-frames, SVT-AV1 random access with a pyramid of 8 frames and no look-ahead.
   */
  QUALITY
}
