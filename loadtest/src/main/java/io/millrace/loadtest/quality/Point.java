package io.millrace.loadtest.quality;

/**
 * One encoded clip.
 *
 * @param value of the contender's points
 * @param run what it took and how large it is
 * @param score how like the source it is
 */
record Point(Contender contender, int value, Encoding run, Score score) {}
