package io.millrace.server.origin;

import io.millrace.packager.Document;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The player page and its files, from the class path. Only names made of harmless characters are
 * looked up, in one folder and one below; each is read once. Thread-safe.
 */
final class Assets {
  private static final String FOLDER = "/io/millrace/server/ui/";
  private static final int MAX_NAME_CHARS = 64;
  private static final Map<String, String> TYPES = new HashMap<>();

  static {
    TYPES.put("html", "text/html; charset=utf-8");
    TYPES.put("css", "text/css; charset=utf-8");
    TYPES.put("js", "text/javascript; charset=utf-8");
    TYPES.put("svg", "image/svg+xml");
    TYPES.put("txt", "text/plain; charset=utf-8");
  }

  private final ConcurrentHashMap<String, Document> loaded = new ConcurrentHashMap<>();

  /**
   * Returns a file.
   *
   * @param name such as {@code watch.js} or {@code vendor/hls.min.js}
   * @return null when there is none
   */
  @Nullable Document find(String name) {
    if (name.length() > MAX_NAME_CHARS || !name.matches("([a-z]+/)?[A-Za-z][A-Za-z0-9.-]*")) {
      return null;
    }
    return loaded.computeIfAbsent(name, Assets::load);
  }

  private static @Nullable Document load(String name) {
    String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
    if (type == null) {
      return null;
    }
    try (InputStream in = Assets.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        return null;
      }
      byte[] bytes = in.readAllBytes();
      return new Document(type, bytes, '"' + hash(bytes) + '"', Instant.EPOCH);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
