package io.millrace.server.live;

/**
 * What became of the cues of one file.
 *
 * @param taken shown at their time
 * @param late their time was over
 * @param refused too much waits to be shown already
 */
public record SubtitleCounts(int taken, int late, int refused) {}
