package io.millrace.server;

import io.millrace.server.config.Config;
import io.millrace.transport.tls.CredentialWatch;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentials;
import io.millrace.transport.tls.TlsCredentialsException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The server's certificate, shared by HTTPS and RTMPS; a configured one is watched and reloaded.
 */
final class Certificates implements AutoCloseable {
  private final TlsCredentials credentials;
  private final boolean selfSigned;
  private final ServerTls https;
  private final ServerTls rtmps;
  private final @Nullable CredentialWatch watch;

  private Certificates(TlsCredentials credentials, @Nullable Path certificate, @Nullable Path key) {
    this.credentials = credentials;
    this.selfSigned = certificate == null;
    this.https = ServerTls.https(credentials);
    this.rtmps = ServerTls.plain(credentials);
    this.watch =
        certificate == null || key == null
            ? null
            : new CredentialWatch(
                certificate,
                key,
                replaced -> {
                  https.use(replaced);
                  rtmps.use(replaced);
                });
  }

  /**
   * Loads the configured certificate, or the self-signed one of the data directory.
   *
   * @throws StartFailure naming the file and what is wrong with it
   */
  static Certificates load(Config config, InstantSource clock) {
    Path certificate = config.tls().certificate();
    Path key = config.tls().key();
    try {
      TlsCredentials credentials =
          certificate != null && key != null
              ? TlsCredentials.load(certificate, key)
              : SelfSigned.loadOrCreate(config.dataDir(), clock.instant());
      return new Certificates(credentials, certificate, key);
    } catch (IOException | TlsCredentialsException e) {
      throw new StartFailure("tls: " + e.getMessage(), e);
    }
  }

  ServerTls https() {
    return https;
  }

  ServerTls rtmps() {
    return rtmps;
  }

  boolean selfSigned() {
    return selfSigned;
  }

  /** SHA-256 of the certificate that was loaded at the start. */
  String fingerprint() {
    return credentials.fingerprint();
  }

  /** Looks whether the files have changed; every few seconds. */
  void checkFiles() {
    if (watch != null) {
      watch.run();
    }
  }

  /** New keys for session tickets; every few hours. */
  void rotateTicketKeys() {
    https.rotateTicketKeys();
    rtmps.rotateTicketKeys();
  }

  @Override
  public void close() {
    https.close();
    rtmps.close();
  }
}
