package io.millrace.server.ingest.obs;

import io.millrace.codec.ladder.Ladder;
import java.time.Duration;

/**
 * What a stream is to be served as.
 *
 * @param segment target duration of a segment
 * @param passthrough whether viewers get the publisher's own picture as well
 * @param ladder the other renditions
 */
public record StreamLadder(Duration segment, boolean passthrough, Ladder ladder) {}
