package io.millrace.packager;

/**
 * What viewers may read is newer than before.
 *
 * @param version of the presentation after the update
 * @param rendition whose window changed
 * @param lastSequence media sequence number of its newest entry
 */
public record PresentationUpdate(long version, String rendition, long lastSequence) {}
