package io.millrace.server.record;

import io.millrace.media.StreamKey;

/**
 * Counters of one stream's recordings.
 *
 * @param bytes written
 * @param started recordings begun
 * @param lostSeconds of the stream that could not be recorded
 * @param errors times that writing stopped
 * @param failed true while nothing can be written
 * @param current the recording that is being written; empty without one
 */
public record RecordingStats(
    StreamKey stream,
    long bytes,
    long started,
    double lostSeconds,
    long errors,
    boolean failed,
    String current) {}
