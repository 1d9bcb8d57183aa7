package io.millrace.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS side of a listener: for viewers TLS 1.3 and nothing older, with its three AEAD suites
 * (RFC 8446 §B.4); every session has forward secrecy; session tickets on. BoringSSL does the work
 * where its library loads, the JDK elsewhere.
 *
 * <p>{@link #use} replaces the certificate under running connections: they keep the context that
 * they were opened with, which is freed with the last of them.
 *
 * <p>Early data is decided per context and per connection, so its place is {@link #newContext} and
 * {@link #newHandler}. Any thread.
 */
public final class ServerTls implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
  private static final List<String> SUITES =
      List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");

  /** Forward-secret AEAD suites of TLS 1.2, for publishers only. */
  private static final List<String> PUBLISHER_SUITES =
      List.of(
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  private final boolean withTls12;
  private final ApplicationProtocolConfig protocols;
  private final boolean nativeEngine;
  private final TicketKeys ticketKeys = new TicketKeys();
  private SslContext context;
  private boolean closed;

  private ServerTls(
      TlsCredentials credentials,
      ApplicationProtocolConfig protocols,
      boolean withTls12,
      boolean nativeEngine) {
    this.withTls12 = withTls12;
    this.protocols = protocols;
    this.nativeEngine = nativeEngine;
    this.context = newContext(credentials);
  }

  /**
   * For HTTPS: ALPN offers {@code h2} and {@code http/1.1}.
   *
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  public static ServerTls https(TlsCredentials credentials) {
    return new ServerTls(credentials, alpn(), false, nativeAvailable());
  }

  /**
   * For RTMPS: without ALPN, and with TLS 1.2 for the encoders that know nothing newer (OBS on
   * mbedTLS 2 among them), its forward-secret AEAD suites only.
   *
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  public static ServerTls plain(TlsCredentials credentials) {
    return new ServerTls(credentials, ApplicationProtocolConfig.DISABLED, true, nativeAvailable());
  }

  /** {@link #https} on the JDK's engine, whatever else there is. */
  static ServerTls httpsOnJdk(TlsCredentials credentials) {
    return new ServerTls(credentials, alpn(), false, false);
  }

  /** True when BoringSSL does the work. */
  public boolean nativeEngine() {
    return nativeEngine;
  }

  /** A handler for one new connection; the pipeline that it is put in owns it. */
  public synchronized SslHandler newHandler(ByteBufAllocator allocator) {
    return context.newHandler(allocator);
  }

  /**
   * Serves new connections with {@code credentials}; open ones go on.
   *
   * @throws TlsCredentialsException when the engine refuses them; nothing has changed then
   */
  public void use(TlsCredentials credentials) {
    SslContext next = newContext(credentials);
    SslContext former;
    synchronized (this) {
      former = closed ? next : context;
      context = closed ? context : next;
    }
    ReferenceCountUtil.release(former);
  }

  /** Seals new session tickets with a new key; those of the last two keys still resume. */
  public synchronized void rotateTicketKeys() {
    if (!closed) {
      ticketKeys.rotate();
      setTicketKeys(context);
    }
  }

  /** Frees the engine's memory once the last connection has gone. No more handlers after it. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      ReferenceCountUtil.release(context);
    }
  }

  private SslContext newContext(TlsCredentials credentials) {
    List<String> suites = new ArrayList<>(SUITES);
    if (withTls12) {
      suites.addAll(PUBLISHER_SUITES);
    }
    String[] versions = withTls12 ? new String[] {"TLSv1.3", "TLSv1.2"} : new String[] {"TLSv1.3"};
    try {
      SslContext made =
          SslContextBuilder.forServer(credentials.key(), credentials.chain())
              .sslProvider(nativeEngine ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
              .protocols(versions)
              .ciphers(suites, SupportedCipherSuiteFilter.INSTANCE)
              .applicationProtocolConfig(protocols)
              .build();
      setTicketKeys(made);
      return made;
    } catch (SSLException | IllegalArgumentException e) {
      throw new TlsCredentialsException("the TLS engine refuses the certificate or its key", e);
    }
  }

  private void setTicketKeys(SslContext made) {
    if (made.sessionContext() instanceof OpenSslServerSessionContext sessions) {
      sessions.setTicketKeys(ticketKeys.newestFirst());
    }
  }

  private static ApplicationProtocolConfig alpn() {
    return new ApplicationProtocolConfig(
        Protocol.ALPN,
        SelectorFailureBehavior.NO_ADVERTISE,
        SelectedListenerFailureBehavior.ACCEPT,
        "h2",
        "http/1.1");
  }

  private static boolean nativeAvailable() {
    boolean available = OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL);
    if (!available) {
      LOG.atWarn()
          .addKeyValue("cause", String.valueOf(OpenSsl.unavailabilityCause()))
          .log("BoringSSL is not available, TLS runs on the JDK");
    }
    return available;
  }
}
