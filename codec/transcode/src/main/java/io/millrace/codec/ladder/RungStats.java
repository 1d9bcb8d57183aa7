package io.millrace.codec.ladder;

import io.millrace.codec.EncoderOptions;

/**
 * One rung's counters since its start; a snapshot.
 *
 * @param engine the encoder's library and version; empty before the first picture
 * @param picturesIn offered by the decoder, after frame-rate reduction
 * @param picturesOut access units delivered
 * @param picturesDropped left out because the queue was full, or because there was no boundary yet
 *     to start at
 * @param keyFrames key frames delivered
 * @param bytesOut payload bytes delivered
 * @param encodeWallNs time inside encoder calls
 * @param encodeCpuNs CPU time of the rung's thread and of the encoder's own threads
 * @param realTimeFactor content seconds per busy second over the last few seconds; 0 before the
 *     first measurement. Below 1 the rung cannot keep up
 * @param queueDepth pictures waiting now
 * @param paused true while nobody wants it: its segments are gaps
 * @param failed true once the rung has ended with an error
 * @param preset that its encoder has now, which may be faster than its own; empty before the first
 *     picture
 * @param halfRate true while every second picture is left out so that it takes less
 * @param crf the quality in force where there is a target for it; {@link EncoderOptions#UNSET}
 *     without
 * @param vmaf what the last sample came to; {@link EncoderOptions#UNSET} before there is one
 */
public record RungStats(
    String name,
    String engine,
    long picturesIn,
    long picturesOut,
    long picturesDropped,
    long keyFrames,
    long bytesOut,
    long encodeWallNs,
    long encodeCpuNs,
    double realTimeFactor,
    int queueDepth,
    boolean paused,
    boolean failed,
    String preset,
    boolean halfRate,
    int crf,
    double vmaf) {

  /** Of a rung without a quality target. */
  public RungStats(
      String name,
      String engine,
      long picturesIn,
      long picturesOut,
      long picturesDropped,
      long keyFrames,
      long bytesOut,
      long encodeWallNs,
      long encodeCpuNs,
      double realTimeFactor,
      int queueDepth,
      boolean paused,
      boolean failed,
      String preset,
      boolean halfRate) {
    this(
        name,
        engine,
        picturesIn,
        picturesOut,
        picturesDropped,
        keyFrames,
        bytesOut,
        encodeWallNs,
        encodeCpuNs,
        realTimeFactor,
        queueDepth,
        paused,
        failed,
        preset,
        halfRate,
        EncoderOptions.UNSET,
        EncoderOptions.UNSET);
  }
}
