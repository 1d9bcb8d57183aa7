package io.millrace.packager;

import io.millrace.packager.dvr.FileRange;

/**
 * A media segment that is on disk and not in memory. Immutable; the same name never has other
 * bytes.
 *
 * @param contentType media type for {@code Content-Type}
 */
public record StoredMedia(String contentType, FileRange range) {}
