package io.millrace.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;

/** What an engine makes of one certificate: the origin of the connections that show it. */
sealed interface EngineContext permits EngineContext.NettyContext, ConscryptContext {
  /** A handler for one new connection; the pipeline that it is put in owns it. */
  SslHandler newHandler(ByteBufAllocator allocator);

  /** Seals tickets with the first key and opens them with any, where the engine lets one say. */
  void useTicketKeys(OpenSslSessionTicketKey[] newestFirst);

  /** Frees the engine's memory once the last connection has gone. */
  void release();

  /** What a listener wants of every certificate's context. */
  record Wanted(
      TlsEngine engine,
      ApplicationProtocolConfig protocols,
      boolean tls12,
      boolean earlyData,
      boolean stapling) {
    /** RFC 8446 §B.4. */
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

    /** First the one that a recording cannot be opened with by a later quantum computer. */
    static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256", "P-384"};

    List<String> suites() {
      List<String> suites = new ArrayList<>(SUITES);
      if (tls12) {
        suites.addAll(PUBLISHER_SUITES);
      }
      return suites;
    }

    String[] versions() {
      return tls12 ? new String[] {"TLSv1.3", "TLSv1.2"} : new String[] {"TLSv1.3"};
    }
  }

  /**
   * Makes one.
   *
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  static EngineContext of(TlsCredentials credentials, Wanted wanted) {
    try {
      return switch (wanted.engine()) {
        case BORINGSSL, JDK -> NettyContext.of(credentials, wanted);
        case CONSCRYPT -> ConscryptContext.of(credentials, wanted);
      };
    } catch (SSLException | IllegalArgumentException e) {
      throw new TlsCredentialsException("the TLS engine refuses the certificate or its key", e);
    }
  }

  /** By Netty's own means. */
  record NettyContext(SslContext context) implements EngineContext {
    static NettyContext of(TlsCredentials credentials, Wanted wanted) throws SSLException {
      boolean boringSsl = wanted.engine() == TlsEngine.BORINGSSL;
      SslContextBuilder builder =
          SslContextBuilder.forServer(credentials.key(), credentials.chain())
              .sslProvider(boringSsl ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK)
              .protocols(wanted.versions())
              .ciphers(wanted.suites(), SupportedCipherSuiteFilter.INSTANCE)
              .applicationProtocolConfig(wanted.protocols());
      if (boringSsl) {
        builder.option(OpenSslContextOption.GROUPS, Wanted.GROUPS.clone());
        builder.enableOcsp(wanted.stapling());
      }
      SslContext made = builder.build();
      if (wanted.earlyData() && made instanceof ReferenceCountedOpenSslContext openSsl) {
        BoringSsl.enableEarlyData(openSsl.sslCtxPointer());
      }
      return new NettyContext(made);
    }

    @Override
    public SslHandler newHandler(ByteBufAllocator allocator) {
      return context.newHandler(allocator);
    }

    @Override
    public void useTicketKeys(OpenSslSessionTicketKey[] newestFirst) {
      if (context.sessionContext() instanceof OpenSslServerSessionContext sessions) {
        sessions.setTicketKeys(newestFirst);
      }
    }

    @Override
    public void release() {
      ReferenceCountUtil.release(context);
    }
  }
}
