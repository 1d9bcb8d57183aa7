package io.millrace.server.auth;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The key that publishers from elsewhere need where none is configured: made at the first start,
 * shown once, and kept only as its hash, in {@code publish-key.hash} in the data directory (mode
 * 0600).
 *
 * @param shownOnce the key itself, where this call made it; else null. Print it, never log it.
 */
public record FirstStartKey(Argon2Hash hash, @Nullable String shownOnce) {
  private static final String FILE = "publish-key.hash";
  private static final int MAX_FILE_CHARS = 1_024;

  /** Names no secret. */
  @Override
  public String toString() {
    return "FirstStartKey[new=" + (shownOnce != null) + "]";
  }

  /**
   * Reads the hash, or makes the key.
   *
   * @param dataDir is made where it does not exist
   * @throws IOException if the file cannot be read or written, or holds something else; the message
   *     names it and says what to do
   */
  public static FirstStartKey loadOrCreate(Path dataDir, SecureRandom random) throws IOException {
    Path file = dataDir.resolve(FILE);
    try {
      String text = Files.readString(file);
      return new FirstStartKey(
          Argon2Hash.parse(text.length() > MAX_FILE_CHARS ? "" : text.strip()), null);
    } catch (NoSuchFileException _) {
      String key = StreamKeys.generate(random);
      Argon2Hash hash = Argon2Hash.of(key, random);
      write(file, hash.phc() + "\n");
      return new FirstStartKey(hash, key);
    } catch (IllegalArgumentException e) {
      throw new IOException(
          file + " does not hold a key hash; delete it to have a new key made", e);
    }
  }

  /** Writes all or nothing, readable by this user only from the first byte on. */
  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Path temporary =
        Files.createTempFile(
            file.getParent(),
            FILE,
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      Files.writeString(temporary, text);
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }
}
