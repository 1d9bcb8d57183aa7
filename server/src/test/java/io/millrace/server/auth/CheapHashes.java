package io.millrace.server.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/** Argon2id hashes at the least cost there is, for tests that are not about cost. */
public final class CheapHashes {
  private CheapHashes() {}

  /** A hash of {@code key} with m = 8 KiB, t = 1. */
  public static Argon2Hash of(String key) {
    byte[] salt = "somesalt".getBytes(StandardCharsets.US_ASCII);
    Argon2BytesGenerator generator = new Argon2BytesGenerator();
    generator.init(
        new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
            .withVersion(Argon2Parameters.ARGON2_VERSION_13)
            .withMemoryAsKB(8)
            .withIterations(1)
            .withParallelism(1)
            .withSalt(salt)
            .build());
    byte[] hash = new byte[32];
    generator.generateBytes(key.getBytes(StandardCharsets.UTF_8), hash);
    Base64.Encoder base64 = Base64.getEncoder().withoutPadding();
    return Argon2Hash.parse(
        "$argon2id$v=19$m=8,t=1,p=1$"
            + base64.encodeToString(salt)
            + "$"
            + base64.encodeToString(hash));
  }
}
