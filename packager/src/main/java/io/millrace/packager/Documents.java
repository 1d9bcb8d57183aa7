package io.millrace.packager;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Makes documents and counts them. Owner's thread; the count may be read from any. */
final class Documents {
  static final String HLS = "application/vnd.apple.mpegurl";
  static final String DASH = "application/dash+xml";
  private static final int TAG_BYTES = 12;

  private final AtomicLong renders = new AtomicLong();
  private final MessageDigest digest;

  Documents() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Returns {@code before} itself where the text is the same. */
  Document make(String contentType, String text, Instant now, @Nullable Document before) {
    renders.incrementAndGet();
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String etag = '"' + HexFormat.of().formatHex(digest.digest(bytes), 0, TAG_BYTES) + '"';
    return before != null && before.etag().equals(etag)
        ? before
        : new Document(contentType, bytes, etag, now);
  }

  long renders() {
    return renders.get();
  }
}
