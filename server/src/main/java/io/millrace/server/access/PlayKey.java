package io.millrace.server.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A secret that playback tokens are signed with, and the number that tokens name it by. Immutable;
 * never printed.
 */
public final class PlayKey {
  private static final Pattern LINE = Pattern.compile("([0-9]{1,5}):([A-Za-z0-9_-]{22,128})");
  private static final int SECRET_BYTES = 32;
  private static final int LEAST_BYTES = 16;
  private static final int MAX_ID = 65_535;
  private static final int MAX_KEYS = 16;
  private static final int MAX_FILE_BYTES = 16 << 10;

  private final int id;
  private final byte[] secret;

  PlayKey(int id, byte[] secret) {
    if (id < 0 || id > MAX_ID || secret.length < LEAST_BYTES) {
      throw new IllegalArgumentException("a key has a number up to 65535 and 16 bytes or more");
    }
    this.id = id;
    this.secret = secret.clone();
  }

  /** A new one. */
  public static PlayKey generate(SecureRandom random) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new PlayKey(random.nextInt(1, MAX_ID + 1), secret);
  }

  /**
   * Reads one as {@link #line} writes it.
   *
   * @throws IllegalArgumentException for anything else; the message repeats nothing of it
   */
  public static PlayKey parse(String line) {
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not NUMBER:SECRET as millrace secret play-key prints it");
    }
    byte[] secret = Base64.getUrlDecoder().decode(matcher.group(2));
    return new PlayKey(Integer.parseInt(matcher.group(1)), secret);
  }

  /**
   * Reads a file with a key a line; empty lines and those that begin with {@code #} do not count.
   *
   * @throws IllegalArgumentException where it breaks a rule, with the line's number and nothing of
   *     what it says
   */
  public static List<PlayKey> load(Path file) throws IOException {
    if (Files.size(file) > MAX_FILE_BYTES) {
      throw new IllegalArgumentException("is larger than " + MAX_FILE_BYTES + " bytes");
    }
    List<PlayKey> keys = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      PlayKey key;
      try {
        key = parse(line);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("line " + (i + 1) + " is " + e.getMessage(), e);
      }
      if (keys.stream().anyMatch(other -> other.id == key.id)) {
        throw new IllegalArgumentException("line " + (i + 1) + " has the number of another key");
      }
      keys.add(key);
    }
    if (keys.isEmpty() || keys.size() > MAX_KEYS) {
      throw new IllegalArgumentException("has " + keys.size() + " keys; 1 to 16 are right");
    }
    return List.copyOf(keys);
  }

  int id() {
    return id;
  }

  /** Borrowed. */
  byte[] secret() {
    return secret;
  }

  /** As a line of a file. Secret. */
  public String line() {
    return id + ":" + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PlayKey key && id == key.id && Arrays.equals(secret, key.secret);
  }

  @Override
  public int hashCode() {
    return 31 * id + Arrays.hashCode(secret);
  }

  @Override
  public String toString() {
    return "PlayKey[" + id + "]";
  }
}
