package io.millrace.server.origin;

import com.aayushatharva.brotli4j.Brotli4jLoader;
import com.aayushatharva.brotli4j.encoder.Encoder;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.millrace.packager.Document;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Compresses a document once for each coding, whoever asks and however often, and keeps the replies
 * that carry it. What was made lives as long as the document itself. Thread-safe: what has been
 * made is read without a lock; who asks for what is being made waits for it, rather than make it
 * twice.
 */
final class Compressor {
  /** A document that fits in one packet gains nothing. */
  private static final int MIN_BYTES = 512;

  private static final int BROTLI_QUALITY = 5;

  /** A reply, and what it was made for. */
  private record Shared(ContentCoding coding, List<Header> headers, HttpReply reply) {
    @SuppressWarnings("ReferenceEquality") // cheaper, and made so by Texts.reply
    boolean is(ContentCoding wanted, List<Header> more) {
      return coding == wanted && headers == more;
    }
  }

  /** What was made of one document. */
  private static final class Encoded {
    private final Map<ContentCoding, byte[]> bytes = new EnumMap<>(ContentCoding.class);
    private volatile List<Shared> replies = List.of();

    @Nullable HttpReply find(ContentCoding coding, List<Header> headers) {
      for (Shared shared : replies) {
        if (shared.is(coding, headers)) {
          return shared.reply;
        }
      }
      return null;
    }
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
    Encoded of = of(document);
    synchronized (of) {
      return of.bytes.computeIfAbsent(coding, c -> compress(document.bytes(), c));
    }
  }

  /**
   * The reply that everybody gets who asks for that document so.
   *
   * @param headers told from others by identity
   * @param make called once
   */
  HttpReply shared(
      Document document, ContentCoding coding, List<Header> headers, Supplier<HttpReply> make) {
    Encoded of = of(document);
    HttpReply known = of.find(coding, headers);
    if (known != null) {
      return known;
    }
    synchronized (of) {
      HttpReply made = of.find(coding, headers);
      if (made == null) {
        made = make.get();
        List<Shared> all = new ArrayList<>(of.replies);
        all.add(new Shared(coding, headers, made));
        of.replies = List.copyOf(all);
      }
      return made;
    }
  }

  private Encoded of(Document document) {
    return encoded.get(document, _ -> new Encoded());
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
