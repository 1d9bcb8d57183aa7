package io.millrace.packager;

import io.millrace.packager.hls.StartTag;
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
public record Document(String contentType, byte[] bytes, String etag, Instant modified) {
  /**
   * This HLS playlist with another place to begin at (RFC 8216bis §4.4.2.2).
   *
   * @param offsetS from the start of the playlist; negative: from its end
   */
  public Document startingAt(long offsetS) {
    String tag = etag.substring(0, etag.length() - 1) + ".start" + offsetS + '"';
    return new Document(contentType, StartTag.into(bytes, offsetS * 1_000_000), tag, modified);
  }
}
