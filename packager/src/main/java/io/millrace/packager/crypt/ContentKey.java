package io.millrace.packager.crypt;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The key of one crypto period. Immutable. Its text names the key and never shows it.
 *
 * @param kid public name of the key
 * @param key 16 bytes; shared, read-only, secret
 * @param iv 16 bytes, the constant IV of {@link Scheme#CBCS}; shared, read-only
 * @param systems what DRM systems need to know, empty for ClearKey
 */
@SuppressWarnings("ArrayRecordComponent") // equality is the key's name
public record ContentKey(UUID kid, byte[] key, byte[] iv, List<DrmSystem> systems) {
  private static final int BYTES = 16;

  public ContentKey {
    if (key.length != BYTES || iv.length != BYTES) {
      throw new IllegalArgumentException("a content key and its IV have 16 bytes");
    }
    systems = List.copyOf(systems);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ContentKey that && kid.equals(that.kid);
  }

  @Override
  public int hashCode() {
    return kid.hashCode();
  }

  @Override
  public String toString() {
    return "key " + kid;
  }
}
