package io.millrace.packager;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes documents and counts them. Any thread. */
final class Documents {
  static final String HLS = "application/vnd.apple.mpegurl";
  static final String DASH = "application/dash+xml";
  private static final int TAG_BYTES = 12;

  private final LongAdder renders = new LongAdder();
  private final CpuTime time = new CpuTime();

  Document make(String contentType, Supplier<byte[]> text, Instant now) {
    renders.increment();
    return time.spend(
        () -> {
          byte[] bytes = text.get();
          return new Document(contentType, bytes, etag(bytes), now);
        });
  }

  /** Returns {@code before} itself where the text is the same. */
  Document make(String contentType, Supplier<byte[]> text, Instant now, @Nullable Document before) {
    Document made = make(contentType, text, now);
    return before != null && before.etag().equals(made.etag()) ? before : made;
  }

  private static String etag(byte[] bytes) {
    byte[] digest;
    try {
      digest = MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
    return '"' + HexFormat.of().formatHex(digest, 0, TAG_BYTES) + '"';
  }

  long renders() {
    return renders.sum();
  }

  long renderingNs() {
    return time.spentNs();
  }
}
