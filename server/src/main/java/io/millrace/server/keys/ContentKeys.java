package io.millrace.server.keys;

import io.millrace.media.StreamKey;
import io.millrace.packager.crypt.ClearKeys;
import io.millrace.packager.crypt.KeyAddress;
import io.millrace.packager.crypt.KeyProvider;
import io.millrace.packager.crypt.Protection;
import io.millrace.packager.crypt.Scheme;
import io.millrace.server.config.ProtectionConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The content keys of every stream. Thread-safe. */
public final class ContentKeys implements AutoCloseable {
  private final byte[] secret;
  private final Function<StreamKey, @Nullable ProtectionConfig> config;
  private final InstantSource clock;
  private final KeyServerClient client = new KeyServerClient();

  private ContentKeys(
      byte[] secret, Function<StreamKey, @Nullable ProtectionConfig> config, InstantSource clock) {
    this.secret = secret;
    this.config = config;
    this.clock = clock;
  }

  /**
   * @param dataDir holds the secret, which is made where it does not exist
   * @param config of a stream, the newest one; null: its media stays clear
   * @throws IOException if the secret cannot be read or written
   */
  public static ContentKeys open(
      Path dataDir, Function<StreamKey, @Nullable ProtectionConfig> config, InstantSource clock)
      throws IOException {
    return new ContentKeys(KeySecret.loadOrCreate(dataDir, new SecureRandom()), config, clock);
  }

  /** The protection of a stream that begins; null where its media stays clear. */
  public @Nullable Protection protect(StreamKey stream) {
    ProtectionConfig wanted = config.apply(stream);
    if (wanted == null) {
      return null;
    }
    Scheme scheme =
        switch (wanted.scheme()) {
          case CBCS -> Scheme.CBCS;
          case CENC -> Scheme.CENC;
          case AES_128 -> Scheme.AES_128;
        };
    ClearKeys own = new ClearKeys(secret, stream.toString());
    KeyProvider provider = own;
    KeyAddress address = KeyRoute.address(stream, wanted.base());
    if (wanted.keyServer() != null) {
      CpixRequest request = new CpixRequest(stream.toString(), scheme, wanted.systems());
      provider = new KeyServerKeys(client, wanted.keyServer(), request, own, wanted.rotate());
      address = KeyAddress.ELSEWHERE;
    }
    Protection protection = new Protection(scheme, wanted.rotate(), provider, address);
    protection.prepare(clock.instant());
    return protection;
  }

  /** What the server itself gives to a stream's players; null where it does not. */
  @Nullable Given given(StreamKey stream) {
    ProtectionConfig wanted = config.apply(stream);
    if (wanted == null || wanted.keyServer() != null) {
      return null;
    }
    long now = Protection.period(clock.instant(), wanted.rotate());
    return new Given(new ClearKeys(secret, stream.toString()), now + 1);
  }

  /**
   * Keys that players may have.
   *
   * @param newestPeriod the one behind the present, which players get ready for
   */
  record Given(ClearKeys keys, long newestPeriod) {}

  @Override
  public void close() {
    client.close();
  }
}
