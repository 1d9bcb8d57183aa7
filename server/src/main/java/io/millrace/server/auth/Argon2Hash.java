package io.millrace.server.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.jspecify.annotations.Nullable;

/**
 * An Argon2id hash (RFC 9106) of a stream key, in the PHC string format: {@code
 * $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH}, SALT and HASH in base64 without padding.
 *
 * <p>The cost parameters come from a file, so they are bounded: verifying takes at most {@value
 * #MAX_MEMORY_KIB} KiB and {@value #MAX_ITERATIONS} passes over it. Verifying takes tens of
 * milliseconds: never on an event loop.
 */
public final class Argon2Hash {
  static final int MAX_MEMORY_KIB = 128 << 10;
  static final int MAX_ITERATIONS = 10;
  static final int MAX_PARALLELISM = 8;

  /** OWASP's parameters for Argon2id: 19 MiB, two passes, one lane. */
  private static final int MEMORY_KIB = 19_456;

  private static final int ITERATIONS = 2;
  private static final int PARALLELISM = 1;
  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final int MAX_TEXT_CHARS = 256;

  private static final Pattern PHC =
      Pattern.compile(
          "\\$argon2id\\$v=19\\$m=([0-9]{1,9}),t=([0-9]{1,9}),p=([0-9]{1,9})"
              + "\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

  private final int memoryKib;
  private final int iterations;
  private final int parallelism;
  private final byte[] salt;
  private final byte[] hash;

  private Argon2Hash(int memoryKib, int iterations, int parallelism, byte[] salt, byte[] hash) {
    this.memoryKib = memoryKib;
    this.iterations = iterations;
    this.parallelism = parallelism;
    this.salt = salt;
    this.hash = hash;
  }

  /** Hashes {@code key} with a fresh salt and the default cost. */
  public static Argon2Hash of(String key, SecureRandom random) {
    byte[] salt = new byte[SALT_BYTES];
    random.nextBytes(salt);
    byte[] hash = new byte[HASH_BYTES];
    generate(key, MEMORY_KIB, ITERATIONS, PARALLELISM, salt, hash);
    return new Argon2Hash(MEMORY_KIB, ITERATIONS, PARALLELISM, salt, hash);
  }

  /**
   * Reads a PHC string.
   *
   * @throws IllegalArgumentException if it is not one of Argon2id version 1.3, or costs more than
   *     the bounds; the message does not repeat the text
   */
  public static Argon2Hash parse(String text) {
    Matcher phc = PHC.matcher(text.length() > MAX_TEXT_CHARS ? "" : text);
    if (!phc.matches()) {
      throw new IllegalArgumentException("not an Argon2id hash in PHC format");
    }
    int parallelism = bounded("p", phc.group(3), 1, MAX_PARALLELISM);
    // RFC 9106 §3.1: at least 8 KiB a lane.
    int memoryKib = bounded("m", phc.group(1), 8 * parallelism, MAX_MEMORY_KIB);
    int iterations = bounded("t", phc.group(2), 1, MAX_ITERATIONS);
    byte[] salt = bytes("salt", phc.group(4), 8, 64);
    byte[] hash = bytes("hash", phc.group(5), 16, 64);
    return new Argon2Hash(memoryKib, iterations, parallelism, salt, hash);
  }

  /** Whether this is the hash of {@code key}; compares in constant time. */
  public boolean matches(String key) {
    byte[] actual = new byte[hash.length];
    generate(key, memoryKib, iterations, parallelism, salt, actual);
    return MessageDigest.isEqual(hash, actual);
  }

  private static void generate(
      String key, int memoryKib, int iterations, int parallelism, byte[] salt, byte[] out) {
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(memoryKib)
            .withIterations(iterations)
            .withParallelism(parallelism)
            .withSalt(salt)
            .build());
    generator.generateBytes(key.getBytes(StandardCharsets.UTF_8), out);
  }

  private static int bounded(String name, String digits, int min, int max) {
    int value = Integer.parseInt(digits);
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + " is not within " + min + " to " + max);
    }
    return value;
  }

  private static byte[] bytes(String name, String base64, int min, int max) {
    byte[] bytes = Base64.getDecoder().decode(base64);
    if (bytes.length < min || bytes.length > max) {
      throw new IllegalArgumentException(name + " is not " + min + " to " + max + " bytes");
    }
    return bytes;
  }

  /** The PHC string: no secret, but food for an offline guess, so no log has it either. */
  public String phc() {
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
        .formatted(
            memoryKib,
            iterations,
            parallelism,
            base64.encodeToString(salt),
            base64.encodeToString(hash));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Argon2Hash that
        && memoryKib == that.memoryKib
        && iterations == that.iterations
        && parallelism == that.parallelism
        && Arrays.equals(salt, that.salt)
        && MessageDigest.isEqual(hash, that.hash);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(salt);
  }

  @Override
  public String toString() {
    return "$argon2id$…";
  }
}
