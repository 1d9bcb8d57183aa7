package io.millrace.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.conscrypt.Conscrypt;
import org.jspecify.annotations.Nullable;

/**
 * Conscrypt's engine, behind the JDK's interfaces. Its suites are left as they are: given TLS 1.3's
 * alone, it finds no certificate that fits. It keeps its ticket keys to itself.
 *
 * @param protocols ALPN's, best first; empty for none
 */
record ConscryptContext(SSLContext context, List<String> protocols, List<String> versions)
    implements EngineContext {
  private static final char[] NO_PASSWORD = {};

  /** Returns null where it can be used, else what is in the way. */
  static @Nullable String whyNot() {
    try {
      return Conscrypt.isAvailable() ? null : "its library does not load";
    } catch (LinkageError e) {
      return e.toString();
    }
  }

  static ConscryptContext of(TlsCredentials credentials, Wanted wanted) throws SSLException {
    try {
      Provider provider = Conscrypt.newProvider();
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, NO_PASSWORD);
      store.setKeyEntry(
          "server",
          credentials.key(),
          NO_PASSWORD,
          credentials.chain().toArray(X509Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(store, NO_PASSWORD);
      SSLContext made = SSLContext.getInstance("TLSv1.3", provider);
      made.init(keys.getKeyManagers(), null, null);
      return new ConscryptContext(
          made, wanted.protocols().supportedProtocols(), List.of(wanted.versions()));
    } catch (GeneralSecurityException | IOException e) {
      throw new SSLException(e);
    }
  }

  @Override
  public SslHandler newHandler(ByteBufAllocator allocator) {
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(false);
    engine.setEnabledProtocols(versions.toArray(String[]::new));
    Conscrypt.setUseSessionTickets(engine, true);
    if (!protocols.isEmpty()) {
      Conscrypt.setApplicationProtocols(engine, protocols.toArray(String[]::new));
    }
    return new ConscryptHandler(engine);
  }

  @Override
  public void useTicketKeys(OpenSslSessionTicketKey[] newestFirst) {
    // It has no place for them.
  }

  @Override
  public void release() {
    // The garbage collector does.
  }

  /** Netty asks only its own engines what ALPN chose. */
  private static final class ConscryptHandler extends SslHandler {
    ConscryptHandler(SSLEngine engine) {
      super(engine);
    }

    @Override
    public @Nullable String applicationProtocol() {
      String chosen = Conscrypt.getApplicationProtocol(engine());
      return chosen == null || chosen.isEmpty() ? null : chosen;
    }
  }
}
