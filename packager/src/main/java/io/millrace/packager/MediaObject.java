package io.millrace.packager;

import java.util.List;

/**
 * The bytes behind one media URL: an init segment or a media segment. Immutable; the same name
 * never has other bytes.
 *
 * @param contentType media type for {@code Content-Type}
 * @param parts the bytes in order, at least one array; shared, read-only
 * @param sizeBytes sum of the lengths of {@code parts}
 * @param durationUs presentation duration in microseconds; 0 for an init segment
 */
public record MediaObject(
    String contentType, List<byte[]> parts, long sizeBytes, long durationUs) {}
