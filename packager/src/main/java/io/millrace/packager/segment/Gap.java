package io.millrace.packager.segment;

import io.millrace.media.Timescale;

/** An interval in which the rendition has no usable media; its sequence number is used up. */
public record Gap(
    long sequence,
    boolean discontinuity,
    long boundaryTicks,
    Timescale timescale,
    long startTicks,
    long endTicks)
    implements Interval {}
