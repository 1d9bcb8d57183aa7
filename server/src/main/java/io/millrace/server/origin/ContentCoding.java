package io.millrace.server.origin;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Content codings that text is offered in (RFC 9110 §8.4.1), best first. */
enum ContentCoding {
  BR("br", "-br"),
  GZIP("gzip", "-gz"),
  IDENTITY("", "");

  private final String token;
  private final String etagSuffix;

  ContentCoding(String token, String etagSuffix) {
    this.token = token;
    this.etagSuffix = etagSuffix;
  }

  /** The value of {@code Content-Encoding}; empty for none. */
  String token() {
    return token;
  }

  /** The strong entity tag of this coding of a document (RFC 9110 §8.8.3.3). */
  String etag(String identity) {
    return identity.substring(0, identity.length() - 1) + etagSuffix + '"';
  }

  /**
   * The best coding that {@code Accept-Encoding} allows (RFC 9110 §12.5.3).
   *
   * @param field null when absent
   * @param brotli whether this server has it
   */
  static ContentCoding negotiate(@Nullable String field, boolean brotli) {
    if (field == null) {
      return IDENTITY;
    }
    boolean br = false;
    boolean gzip = false;
    for (String item : field.split(",", 32)) {
      String[] parts = item.strip().split(";", 2);
      boolean refused = parts.length == 2 && parts[1].replace(" ", "").matches("q=0(\\.0*)?");
      switch (parts[0].strip().toLowerCase(Locale.ROOT)) {
        case "br" -> br = !refused;
        case "gzip", "x-gzip" -> gzip = !refused;
        default -> {}
      }
    }
    return br && brotli ? BR : gzip ? GZIP : IDENTITY;
  }
}
