package io.millrace.server.keys;

import io.millrace.packager.crypt.ClearKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/**
 * The secret that content keys are derived from: {@code content-keys.secret} in the data directory,
 * 32 random bytes, mode 0600. Whoever has it has every key of every stream; without it, media of
 * the past cannot be decrypted any more.
 */
final class KeySecret {
  private static final String FILE = "content-keys.secret";

  private KeySecret() {}

  /**
   * Reads the secret, or makes it.
   *
   * @param dataDir is made where it does not exist
   * @throws IOException if the file cannot be read or written, is too short, or others may read it;
   *     the message names it and says what to do
   */
  static byte[] loadOrCreate(Path dataDir, SecureRandom random) throws IOException {
    Path file = dataDir.resolve(FILE);
    try {
      Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
      permissions.remove(PosixFilePermission.OWNER_READ);
      permissions.remove(PosixFilePermission.OWNER_WRITE);
      if (!permissions.isEmpty()) {
        throw new IOException(file + " may be read by others: chmod 600 it");
      }
      byte[] secret = Files.readAllBytes(file);
      if (secret.length != ClearKeys.MINIMUM_SECRET_BYTES) {
        throw new IOException(
            file + " does not hold a secret; delete it to have a new one made, with other keys");
      }
      return secret;
    } catch (NoSuchFileException _) {
      byte[] secret = new byte[ClearKeys.MINIMUM_SECRET_BYTES];
      random.nextBytes(secret);
      write(file, secret);
      return secret;
    }
  }

  /** Writes all or nothing, readable by this user only from the first byte on. */
  private static void write(Path file, byte[] secret) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Files.createDirectories(folder);
    Path temporary =
        Files.createTempFile(
            folder,
            FILE,
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.write(temporary, secret);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
