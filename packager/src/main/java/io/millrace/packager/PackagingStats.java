package io.millrace.packager;

/**
 * What a presentation has cost so far.
 *
 * @param documents playlists and manifests rendered, however many viewers they had
 * @param renderingNs CPU time of that
 * @param packagingNs CPU time of making parts and segments out of samples, and of keeping the lists
 *     of them; telling those who wait for them is included
 */
public record PackagingStats(long documents, long renderingNs, long packagingNs) {}
