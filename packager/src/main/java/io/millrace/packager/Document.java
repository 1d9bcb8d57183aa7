package io.millrace.packager;

import java.time.Instant;

/**
 * A playlist or manifest as every viewer gets it: rendered once per update, immutable.
 *
 * @param contentType media type for {@code Content-Type}
 * @param bytes UTF-8 text; shared, read-only
 * @param etag strong entity tag of the bytes, with its quotes (RFC 9110 §8.8.3)
 * @param modified when these bytes were rendered first
 */
@SuppressWarnings("ArrayRecordComponent") // identity is the etag; the array is never copied
public record Document(String contentType, byte[] bytes, String etag, Instant modified) {}
