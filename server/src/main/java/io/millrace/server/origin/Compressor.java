package io.millrace.server.origin;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.Document;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses a document once for each coding, whoever asks and however often. What was made lives
 * as long as the document itself. Thread-safe.
 */
final class Compressor {
  /** A document that fits in one packet gains nothing. */
  private static final int MIN_BYTES = 512;

  private static final int BROTLI_QUALITY = 5;

  private static final class Encoded {
    private final Map<ContentCoding, byte[]> bytes = new EnumMap<>(ContentCoding.class);
  }

  private final Cache<Document, Encoded> encoded = Caffeine.newBuilder().weakKeys().build();
  private final AtomicLong compressions = new AtomicLong();
  private final boolean brotli = Brotli4jLoader.isAvailable();

  boolean brotli() {
    return brotli;
  }

  /** How many times something was compressed. */
  long compressions() {
    return compressions.get();
  }

  /** The coding that a document is really sent in when {@code wanted} was negotiated. */
  static ContentCoding effective(Document document, ContentCoding wanted) {
    return document.bytes().length < MIN_BYTES ? ContentCoding.IDENTITY : wanted;
  }

  /** The document's bytes in that coding; shared, read-only. */
  byte[] encode(Document document, ContentCoding coding) {
    if (coding == ContentCoding.IDENTITY) {
      return document.bytes();
    }
    Encoded of = encoded.get(document, _ -> new Encoded());
    synchronized (of) {
      return of.bytes.computeIfAbsent(coding, c -> compress(document.bytes(), c));
    }
  }

  private byte[] compress(byte[] bytes, ContentCoding coding) {
    compressions.incrementAndGet();
    try {
      return switch (coding) {
        case BR -> Encoder.compress(bytes, new Encoder.Parameters().setQuality(BROTLI_QUALITY));
        case GZIP -> gzip(bytes);
        case IDENTITY -> bytes;
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 3);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }
}
