package io.millrace.packager.dvr;

/**
 * Where a part lies within its segment's bytes.
 *
 * @param independent starts with a random access point
 */
public record StoredPart(long startTicks, long endTicks, boolean independent, int sizeBytes) {}
