package io.millrace.server.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How a stream's media is encrypted.
 *
 * @param rotate length of a crypto period; zero: one key for ever
 * @param keyServer where keys come from; null: the server derives them itself (ClearKey). May hold
 *     credentials
 * @param systems DRM systems that the key server is asked about
 * @param base scheme and host in front of the licence and key paths in playlists and manifests;
 *     empty: paths alone
 */
public record ProtectionConfig(
    Scheme scheme, Duration rotate, @Nullable URI keyServer, List<UUID> systems, String base) {
  /** Words of {@code protect.scheme}, but for {@code off}. */
  public enum Scheme {
    CBCS,
    CENC,
    AES_128
  }

  public ProtectionConfig {
    systems = List.copyOf(systems);
  }

  /** Shows no credentials. */
  @Override
  public String toString() {
    String from = keyServer == null ? "clearkey" : keyServer.getHost();
    return scheme + " keys from " + from + " rotated " + rotate;
  }
}
