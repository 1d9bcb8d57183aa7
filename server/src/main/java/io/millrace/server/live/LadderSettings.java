package io.millrace.server.live;

import io.millrace.codec.ladder.Ladder;

/**
 * The renditions of a stream, which may be others from a boundary on.
 *
 * @param passthrough name of the rendition that carries the publisher's own video, empty when there
 *     is none
 * @param ladder the encoded renditions, may be empty
 * @param watched those of them that are encoded only while somebody watches
 * @param shedding those that are given up under overload
 */
public record LadderSettings(
    String passthrough, Ladder ladder, Watched watched, Shedding shedding) {}
