package io.millrace.packager.dvr;

/**
 * Counters of a {@link DvrWindow}.
 *
 * @param bytes on disk, index included
 * @param intervals on disk
 * @param holes intervals that could not be stored
 * @param failed true while nothing can be written
 */
public record DvrStats(long bytes, int intervals, long holes, boolean failed) {}
