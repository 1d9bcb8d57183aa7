package io.millrace.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.quic.BoringSSLContextOption;
import io.netty.handler.codec.quic.Quic;
import io.netty.handler.codec.quic.QuicSslContext;
import io.netty.handler.codec.quic.QuicSslContextBuilder;
import io.netty.handler.codec.quic.QuicSslEngine;
import io.netty.handler.codec.quic.SslSessionTicketKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS side of QUIC (RFC 9001), for HTTP/3: the BoringSSL inside Netty's quiche library, TLS 1.3
 * only, hybrid key exchange, session tickets with early data. Of several certificates a client gets
 * the one for the name that it asks for, an ECDSA one where there is a choice: what speaks QUIC
 * verifies that.
 *
 * <p>{@link #use} replaces the certificates under running connections: they keep the context that
 * they were opened with. Any thread.
 */
public final class QuicTls {
  private static final Logger LOG = LoggerFactory.getLogger(QuicTls.class);
  private static final String ALPN = "h3";

  /**
   * What a recorded session cannot be opened with later comes first (draft-ietf-tls-ecdhe-mlkem).
   */
  private static final String[] GROUPS = {"X25519MLKEM768", "x25519", "secp256r1", "secp384r1"};

  private final boolean earlyData;
  private final TicketKeys ticketKeys;
  private final boolean ownKeys;
  private List<QuicSslContext> contexts;

  /** The one that connections begin with, and that opens and seals tickets. */
  private QuicSslContext entrance;

  /**
   * With ticket keys of its own, which a restart forgets.
   *
   * @param earlyData whether requests in early data (0-RTT) are taken
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  public QuicTls(CertificateSet certificates, boolean earlyData) {
    this(certificates, earlyData, new TicketKeys(), true);
  }

  /** The same with one certificate. */
  public QuicTls(TlsCredentials credentials, boolean earlyData) {
    this(CertificateSet.of(credentials), earlyData);
  }

  /**
   * With ticket keys that are made of another listener's, so that they last as long as those, over
   * a restart too. Neither opens the other's tickets.
   *
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  public QuicTls(CertificateSet certificates, boolean earlyData, ServerTls beside) {
    this(certificates, earlyData, beside.ticketKeys(), false);
  }

  private QuicTls(
      CertificateSet certificates, boolean earlyData, TicketKeys ticketKeys, boolean ownKeys) {
    this.earlyData = earlyData;
    this.ticketKeys = ticketKeys;
    this.ownKeys = ownKeys;
    this.contexts = newContexts(certificates);
    this.entrance = newEntrance(certificates, contexts);
  }

  /** True where the native library is there; says in the log, each time, where it is not. */
  public static boolean available() {
    if (!Quic.isAvailable()) {
      LOG.atWarn()
          .addKeyValue("cause", String.valueOf(Quic.unavailabilityCause()))
          .log("quic is not available, https goes without http/3");
      return false;
    }
    return true;
  }

  /** An engine for one new connection, which owns it. */
  public synchronized QuicSslEngine newEngine(ByteBufAllocator allocator) {
    return entrance.newEngine(allocator);
  }

  /**
   * Serves new connections with {@code next}; open ones go on.
   *
   * @throws TlsCredentialsException when the engine refuses them; nothing has changed then
   */
  public void use(CertificateSet next) {
    List<QuicSslContext> made = newContexts(next);
    QuicSslContext first = newEntrance(next, made);
    synchronized (this) {
      contexts = made;
      entrance = first;
      setTicketKeys();
    }
  }

  /** {@link #use} with one certificate. */
  public void use(TlsCredentials credentials) {
    use(CertificateSet.of(credentials));
  }

  /**
   * Seals new session tickets with a new key; those of the last two keys still resume. Where the
   * keys are another listener's, after that has changed its own.
   */
  public synchronized void rotateTicketKeys() {
    if (ownKeys) {
      ticketKeys.rotate(Instant.now());
    }
    setTicketKeys();
  }

  /** The listener whose keys these are has others. */
  public synchronized void refreshTicketKeys() {
    setTicketKeys();
  }

  private List<QuicSslContext> newContexts(CertificateSet certificates) {
    List<QuicSslContext> made = new ArrayList<>();
    for (CertificateSet.Entry entry : certificates.entries()) {
      made.add(build(builder(entry.credentials())));
    }
    return made;
  }

  /** Netty has it choose among the others when it has read the name in the ClientHello. */
  private QuicSslContext newEntrance(CertificateSet certificates, List<QuicSslContext> choice) {
    if (choice.size() == 1) {
      return choice.getFirst();
    }
    TlsCredentials first = certificates.entries().getFirst().credentials();
    return build(
        builder(first).sni(name -> choice.get(certificates.choose(ClientHello.naming(name)))));
  }

  private QuicSslContextBuilder builder(TlsCredentials credentials) {
    try {
      return QuicSslContextBuilder.forServer(
              credentials.key(), null, credentials.chain().toArray(X509Certificate[]::new))
          .applicationProtocols(ALPN)
          .option(BoringSSLContextOption.GROUPS, GROUPS)
          .earlyData(earlyData);
    } catch (IllegalArgumentException e) {
      throw refused(e);
    }
  }

  private QuicSslContext build(QuicSslContextBuilder builder) {
    try {
      QuicSslContext made = builder.build();
      made.sessionContext().setTicketKeys(keys());
      return made;
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw refused(e);
    }
  }

  private static TlsCredentialsException refused(RuntimeException cause) {
    return new TlsCredentialsException("quic refuses the certificate or its key", cause);
  }

  private void setTicketKeys() {
    SslSessionTicketKey[] keys = keys();
    contexts.forEach(context -> context.sessionContext().setTicketKeys(keys));
    entrance.sessionContext().setTicketKeys(keys);
  }

  private SslSessionTicketKey[] keys() {
    return ticketKeys.newestFirstForQuic();
  }
}
