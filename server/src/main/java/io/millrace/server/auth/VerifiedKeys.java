package io.millrace.server.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Duration;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers which keys have lately matched which hashes, so that a publisher that reconnects need
 * not wait for Argon2. An entry is HMAC-SHA-256 over hash and key under a secret of this process:
 * the key itself is nowhere in it. Bounded to {@value #MAX_ENTRIES} entries of an hour;
 * thread-safe.
 */
final class VerifiedKeys {
  private static final int MAX_ENTRIES = 1_000;
  private static final Duration LIFE = Duration.ofHours(1);
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec secret;
  private final Cache<ByteBuffer, Boolean> entries =
      Caffeine.newBuilder()
          .maximumSize(MAX_ENTRIES)
          .expireAfterWrite(LIFE)
          .executor(Runnable::run)
          .build();

  VerifiedKeys(SecureRandom random) {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    secret = new SecretKeySpec(bytes, ALGORITHM);
  }

  boolean contains(Argon2Hash hash, String key) {
    return entries.getIfPresent(tag(hash, key)) != null;
  }

  void add(Argon2Hash hash, String key) {
    entries.put(tag(hash, key), true);
  }

  private ByteBuffer tag(Argon2Hash hash, String key) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(secret);
      mac.update(hash.phc().getBytes(StandardCharsets.US_ASCII));
      mac.update((byte) 0);
      return ByteBuffer.wrap(mac.doFinal(key.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + ALGORITHM, e);
    }
  }
}
