package io.millrace.transport.tls;

import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The asking side of TLS. For HTTP it is TLS 1.3 only, with HTTP/2 and HTTP/1.1 offered by ALPN
 * (RFC 7301); for RTMPS it is TLS 1.3 or 1.2, which many services still speak, without ALPN.
 * Sessions are resumed. Conscrypt does the work where its library loads, the JDK elsewhere.
 *
 * <p>A server is known by a certificate chain and its name, or by the SHA-256 of its certificate
 * alone, which is what one with a self-signed certificate is known by. Thread-safe.
 */
public final class ClientTls {
  private static final Logger LOG = LoggerFactory.getLogger(ClientTls.class);
  private static final String[] PROTOCOLS = {"TLSv1.3"};
  private static final String[] RTMPS_PROTOCOLS = {"TLSv1.3", "TLSv1.2"};
  private static final String[] ALPN = {"h2", "http/1.1"};
  private static final String[] NO_ALPN = {};

  private final SSLContext context;
  private final boolean conscrypt;
  private final boolean checkName;

  private ClientTls(TrustManager[] trust, boolean conscrypt, boolean checkName)
      throws GeneralSecurityException {
    this.conscrypt = conscrypt;
    this.checkName = checkName;
    this.context =
        conscrypt
            ? SSLContext.getInstance("TLSv1.3", Conscrypt.newProvider())
            : SSLContext.getInstance("TLSv1.3");
    context.init(null, trust, null);
  }

  /**
   * Trusts certificates by their issuers, and checks the server's name.
   *
   * @param authorities PEM certificates that are trusted; null for those of the Java platform
   * @throws IOException when the file cannot be read
   * @throws TlsCredentialsException when it holds no certificate
   */
  public static ClientTls trusting(@Nullable Path authorities) throws IOException {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init(authorities == null ? null : keyStore(Pem.readChain(authorities)));
      boolean conscrypt = available();
      TrustManager[] trust = factory.getTrustManagers();
      return new ClientTls(conscrypt ? named(trust) : trust, conscrypt, true);
    } catch (GeneralSecurityException e) {
      throw new TlsCredentialsException("cannot trust " + authorities, e);
    }
  }

  /**
   * Trusts certificates by themselves, whatever their names, issuers and dates.
   *
   * @param fingerprints SHA-256 of the certificates, as {@link TlsCredentials#fingerprint} has them
   */
  public static ClientTls pinning(List<String> fingerprints) {
    return pinning(fingerprints, available());
  }

  static ClientTls pinning(List<String> fingerprints, boolean conscrypt) {
    try {
      TrustManager[] trust = {new PinnedTrust(Set.copyOf(fingerprints))};
      return new ClientTls(trust, conscrypt, false);
    } catch (GeneralSecurityException e) {
      throw new TlsCredentialsException("no TLS 1.3 for clients", e);
    }
  }

  /** True when Conscrypt does the work. */
  public boolean conscrypt() {
    return conscrypt;
  }

  /**
   * A handler for one connection of HTTP to that server; the pipeline that it is put in owns it.
   */
  public SslHandler newHandler(String host, int port) {
    return newHandler(host, port, PROTOCOLS, ALPN);
  }

  /** As {@link #newHandler}, of RTMP. */
  public SslHandler newRtmpsHandler(String host, int port) {
    return newHandler(host, port, RTMPS_PROTOCOLS, NO_ALPN);
  }

  private SslHandler newHandler(String host, int port, String[] versions, String[] alpn) {
    SSLEngine engine = context.createSSLEngine(host, port);
    engine.setUseClientMode(true);
    engine.setEnabledProtocols(versions);
    SSLParameters parameters = engine.getSSLParameters();
    if (checkName) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 9110 §4.3.4
    }
    if (!conscrypt) {
      parameters.setApplicationProtocols(alpn);
    }
    engine.setSSLParameters(parameters);
    if (conscrypt) {
      if (alpn.length > 0) {
        Conscrypt.setApplicationProtocols(engine, alpn);
      }
      Conscrypt.setUseSessionTickets(engine, true);
    }
    return new SslHandler(engine);
  }

  /** Whether HTTP/2 was agreed on; after the handshake. */
  public static boolean isHttp2(SslHandler handler) {
    SSLEngine engine = handler.engine();
    String protocol =
        Conscrypt.isConscrypt(engine)
            ? Conscrypt.getApplicationProtocol(engine)
            : engine.getApplicationProtocol();
    return "h2".equals(protocol);
  }

  private static boolean available() {
    boolean available = Conscrypt.isAvailable();
    if (!available) {
      LOG.atWarn().log("Conscrypt is not available, TLS to other servers runs on the JDK");
    }
    return available;
  }

  private static KeyStore keyStore(List<X509Certificate> certificates)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < certificates.size(); i++) {
      store.setCertificateEntry(Integer.toString(i), certificates.get(i));
    }
    return store;
  }

  private static TrustManager[] named(TrustManager[] jdk) {
    return Stream.of(jdk)
        .map(it -> it instanceof X509ExtendedTrustManager checks ? new NamedTrust(checks) : it)
        .toArray(TrustManager[]::new);
  }

  /**
   * The JDK's checks for Conscrypt, which in TLS 1.3 calls the way of authentication, of which
   * there is none any more, {@code GENERIC}; the JDK knows that as {@code UNKNOWN} and takes no
   * other word.
   */
  private static final class NamedTrust extends X509ExtendedTrustManager {
    private final X509ExtendedTrustManager jdk;

    NamedTrust(X509ExtendedTrustManager jdk) {
      this.jdk = jdk;
    }

    private static String named(String authType) {
      return authType.equals("GENERIC") ? "UNKNOWN" : authType;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      jdk.checkServerTrusted(chain, named(authType), engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      jdk.checkServerTrusted(chain, named(authType), socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      jdk.checkServerTrusted(chain, named(authType));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("for servers only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
        throws CertificateException {
      throw new CertificateException("for servers only");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("for servers only");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return jdk.getAcceptedIssuers();
    }
  }

  /** Knows servers by the SHA-256 of their own certificate. */
  private record PinnedTrust(Set<String> fingerprints) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("for servers only");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      String shown = TlsCredentials.fingerprintOf(chain[0]);
      if (!fingerprints.contains(shown)) {
        throw new CertificateException("the server's certificate is another one: SHA-256 " + shown);
      }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
