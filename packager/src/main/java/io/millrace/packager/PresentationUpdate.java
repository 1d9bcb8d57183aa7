package io.millrace.packager;

/**
 * What viewers may read is newer than before.
 *
 * @param version of the presentation after the update
 * @param rendition whose playlist reaches further, or has gone
 * @param edge how far it reaches
 */
public record PresentationUpdate(long version, String rendition, Edge edge) {}
