package io.millrace.packager.disk;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names that others chose, as names of files: one path segment each, never {@code .} or {@code ..},
 * never hidden, different for different names.
 *
 * <p>Letters, digits, {@code -} and {@code _} stand for themselves, and so does a dot that is not
 * the first; every other byte of the UTF-8 text is {@code %XX}. What would be too long for a file
 * system is cut and gets a digest of the whole.
 */
public final class SafeName {
  /** File systems take 255 bytes; the rest is for endings. */
  private static final int MAX_CHARS = 160;

  private static final int DIGEST_BYTES = 16;
  private static final HexFormat HEX = HexFormat.of().withUpperCase();

  private SafeName() {}

  public static String of(String name) {
    StringBuilder out = new StringBuilder(name.length());
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    for (byte b : bytes) {
      if (isPlain(b) || (b == '.' && !out.isEmpty())) {
        out.append((char) b);
      } else {
        out.append('%').append(HEX.toHexDigits(b));
      }
    }
    if (out.isEmpty()) {
      return "%"; // no other name becomes this
    }
    if (out.length() <= MAX_CHARS) {
      return out.toString();
    }
    return out.substring(0, MAX_CHARS - 2 * DIGEST_BYTES - 1) + "~" + digest(bytes);
  }

  private static boolean isPlain(byte b) {
    return (b >= 'a' && b <= 'z')
        || (b >= 'A' && b <= 'Z')
        || (b >= '0' && b <= '9')
        || b == '-'
        || b == '_';
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HEX.formatHex(hash, 0, DIGEST_BYTES);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }
}
