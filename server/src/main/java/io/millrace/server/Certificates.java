package io.millrace.server;

import io.millrace.server.config.Config;
import io.millrace.server.config.Listen;
import io.millrace.server.config.Tls;
import io.millrace.transport.tls.CertificateSet;
import io.millrace.transport.tls.CredentialWatch;
import io.millrace.transport.tls.OcspStapling;
import io.millrace.transport.tls.QuicTls;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentials;
import io.millrace.transport.tls.TlsCredentialsException;
import io.millrace.transport.tls.TlsEngine;
import io.millrace.transport.tls.TlsSettings;
import io.millrace.transport.tls.TlsStats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The server's certificates, for HTTPS, HTTP/3 and RTMPS alike, and what OCSP responders say of
 * them. Configured ones are watched and reloaded.
 */
final class Certificates implements AutoCloseable {
  /** In the order of the configuration; guarded by itself. */
  private final List<CertificateSet.Entry> entries;

  private final TlsCredentials credentials;
  private final boolean selfSigned;
  private final ServerTls https;
  private final ServerTls rtmps;
  private final @Nullable QuicTls quic;
  private final Tls config;
  private final OcspStapling stapling;
  private final List<CredentialWatch> watches = new ArrayList<>();

  private Certificates(
      Tls config,
      List<CertificateSet.Entry> loaded,
      boolean http3,
      OcspStapling stapling,
      TlsStats stats) {
    this.config = config;
    this.entries = new ArrayList<>(loaded);
    this.credentials = loaded.getFirst().credentials();
    this.selfSigned = config.certificates().isEmpty();
    this.stapling = stapling;
    CertificateSet set = new CertificateSet(loaded);
    this.https = ServerTls.https(set, settings(config, stats).withStaples(stapling));
    this.rtmps = ServerTls.plain(set, stapling);
    this.quic = http3 ? new QuicTls(set, config.earlyData(), https) : null;
    stapling.use(wanted());
    for (int i = 0; i < config.certificates().size(); i++) {
      int index = i;
      Tls.Certificate files = config.certificates().get(i);
      watches.add(
          new CredentialWatch(
              files.certificate(),
              files.key(),
              replaced -> replace(index, entry(replaced, files.names()))));
    }
  }

  /**
   * Loads the configured certificates, or the self-signed one of the data directory.
   *
   * @throws StartFailure naming the file and what is wrong with it
   */
  static Certificates load(Config config, InstantSource clock, TlsStats stats) {
    try {
      List<CertificateSet.Entry> entries = new ArrayList<>();
      for (Tls.Certificate files : config.tls().certificates()) {
        entries.add(entry(TlsCredentials.load(files.certificate(), files.key()), files.names()));
      }
      if (entries.isEmpty()) {
        entries.add(
            CertificateSet.Entry.of(SelfSigned.loadOrCreate(config.dataDir(), clock.instant())));
      }
      Listen listen = config.listen();
      boolean http3 = listen.https() != null && listen.http3() && QuicTls.available();
      OcspStapling stapling =
          config.tls().ocspStapling() ? OcspStapling.overHttp(clock) : OcspStapling.ofFiles(clock);
      return new Certificates(config.tls(), entries, http3, stapling, stats);
    } catch (IOException | TlsCredentialsException e) {
      throw new StartFailure("tls: " + e.getMessage(), e);
    }
  }

  private static CertificateSet.Entry entry(TlsCredentials loaded, Set<String> names) {
    return names.isEmpty()
        ? CertificateSet.Entry.of(loaded)
        : new CertificateSet.Entry(loaded, names);
  }

  private static TlsSettings settings(Tls config, TlsStats stats) {
    TlsEngine engine =
        switch (config.engine()) {
          case BORINGSSL -> TlsEngine.BORINGSSL;
          case CONSCRYPT -> TlsEngine.CONSCRYPT;
          case JDK -> TlsEngine.JDK;
        };
    return TlsSettings.DEFAULTS
        .withEngine(engine)
        .withEarlyData(config.earlyData())
        .withTicketKeysFile(config.ticketKeysFile())
        .withStats(stats);
  }

  /** Each with the operator's file, where there is one. */
  private List<OcspStapling.Wanted> wanted() {
    List<OcspStapling.Wanted> wanted = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      Path file = selfSigned ? null : config.certificates().get(i).ocsp();
      wanted.add(new OcspStapling.Wanted(entries.get(i).credentials(), file));
    }
    return wanted;
  }

  /** What one listener cannot use is used by none; the fault is thrown. */
  private void replace(int index, CertificateSet.Entry replaced) {
    synchronized (entries) {
      List<CertificateSet.Entry> next = new ArrayList<>(entries);
      next.set(index, replaced);
      try {
        useEverywhere(new CertificateSet(next));
      } catch (TlsCredentialsException e) {
        useEverywhere(new CertificateSet(entries));
        throw e;
      }
      entries.set(index, replaced);
      stapling.use(wanted());
    }
  }

  private void useEverywhere(CertificateSet set) {
    https.use(set);
    rtmps.use(set);
    if (quic != null) {
      quic.use(set);
    }
  }

  ServerTls https() {
    return https;
  }

  /** Null without HTTP/3. */
  @Nullable QuicTls quic() {
    return quic;
  }

  ServerTls rtmps() {
    return rtmps;
  }

  boolean selfSigned() {
    return selfSigned;
  }

  /** SHA-256 of the first certificate, as it was loaded at the start. */
  String fingerprint() {
    return credentials.fingerprint();
  }

  /** Looks whether files have changed and OCSP responses are due; every few seconds. */
  void checkFiles() {
    watches.forEach(CredentialWatch::run);
    stapling.run();
    rtmps.followTicketKeys();
    boolean otherKeys = https.followTicketKeys();
    if (quic != null) {
      if (otherKeys) {
        quic.refreshTicketKeys();
      }
      quic.refreshStaples();
    }
  }

  /** New keys for session tickets; every few hours. */
  void rotateTicketKeys() {
    https.rotateTicketKeys();
    rtmps.rotateTicketKeys();
    if (quic != null) {
      quic.rotateTicketKeys();
    }
  }

  @Override
  public void close() {
    stapling.close();
    https.close();
    rtmps.close();
  }
}
