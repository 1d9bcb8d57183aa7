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
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
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
  private final Staples staples;
  private final AtomicBoolean saidWhyNot = new AtomicBoolean();
  private CertificateSet certificates;
  private List<Stapled> contexts;

  /** The one that connections begin with, and that opens and seals tickets. */
  private QuicSslContext entrance;

  /**
   * The context of one certificate.
   *
   * @param staple the OCSP response that it shows; null without
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by its bytes
  private record Stapled(QuicSslContext context, byte @Nullable [] staple) {}

  /**
   * With ticket keys of its own, which a restart forgets.
   *
   * @param earlyData whether requests in early data (0-RTT) are taken
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  public QuicTls(CertificateSet certificates, boolean earlyData) {
    this(certificates, earlyData, new TicketKeys(), true, Staples.NONE);
  }

  /** The same with one certificate. */
  public QuicTls(TlsCredentials credentials, boolean earlyData) {
    this(CertificateSet.of(credentials), earlyData);
  }

  /**
   * With ticket keys that are made of another listener's, so that they last as long as those, over
   * a restart too. Neither opens the other's tickets. OCSP responses are the other's, too.
   *
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  public QuicTls(CertificateSet certificates, boolean earlyData, ServerTls beside) {
    this(certificates, earlyData, beside.ticketKeys(), false, beside.staples());
  }

  private QuicTls(
      CertificateSet certificates,
      boolean earlyData,
      TicketKeys ticketKeys,
      boolean ownKeys,
      Staples staples) {
    this.earlyData = earlyData;
    this.ticketKeys = ticketKeys;
    this.ownKeys = ownKeys;
    this.staples = staples;
    this.certificates = certificates;
    this.contexts = newContexts(certificates);
    this.entrance = newEntrance(certificates, contexts);
  }

  /** True where the native library is there; says in the log, each time, where it is not. */
  public static boolean available() {
    if (!isThere()) {
      LOG.atWarn()
          .addKeyValue("cause", String.valueOf(Quic.unavailabilityCause()))
          .log("quic is not available, https goes without http/3");
      return false;
    }
    return true;
  }

  static boolean isThere() {
    return Quic.isAvailable();
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
    List<Stapled> made = newContexts(next);
    QuicSslContext first = newEntrance(next, made);
    synchronized (this) {
      certificates = next;
      install(made, first);
    }
  }

  private void install(List<Stapled> made, QuicSslContext first) {
    contexts = made;
    entrance = first;
    setTicketKeys();
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

  /**
   * Shows new connections the OCSP responses that there are now; every few seconds. A context
   * cannot be given another one under the handshakes that it is in, so there is a new one then.
   */
  public void refreshStaples() {
    CertificateSet now;
    synchronized (this) {
      now = certificates;
      boolean same = true;
      for (int i = 0; i < contexts.size(); i++) {
        same &= Arrays.equals(contexts.get(i).staple(), staple(now.entries().get(i)));
      }
      if (same) {
        return;
      }
    }
    List<Stapled> made = newContexts(now);
    QuicSslContext first = newEntrance(now, made);
    synchronized (this) {
      if (certificates == now) {
        install(made, first);
      }
    }
  }

  private byte @Nullable [] staple(CertificateSet.Entry entry) {
    byte[] staple = staples.find(entry.credentials());
    if (staple == null) {
      return null; // without having looked into the library
    }
    String whyNot = QuicBoringSsl.whyNot();
    if (whyNot != null && !saidWhyNot.getAndSet(true)) {
      LOG.atWarn().addKeyValue("cause", whyNot).log("http/3 goes without OCSP responses");
    }
    return whyNot == null ? staple : null;
  }

  private List<Stapled> newContexts(CertificateSet certificates) {
    List<Stapled> made = new ArrayList<>();
    for (CertificateSet.Entry entry : certificates.entries()) {
      QuicSslContext context = build(builder(entry.credentials()));
      byte[] staple = staple(entry);
      if (staple != null) {
        QuicBoringSsl.setOcspResponse(context, staple);
      }
      made.add(new Stapled(context, staple));
    }
    return made;
  }

  /** Netty has it choose among the others when it has read the name in the ClientHello. */
  private QuicSslContext newEntrance(CertificateSet certificates, List<Stapled> choice) {
    if (choice.size() == 1) {
      return choice.getFirst().context();
    }
    TlsCredentials first = certificates.entries().getFirst().credentials();
    return build(
        builder(first)
            .sni(name -> choice.get(certificates.choose(ClientHello.naming(name))).context()));
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
    contexts.forEach(each -> each.context().sessionContext().setTicketKeys(keys));
    entrance.sessionContext().setTicketKeys(keys);
  }

  private SslSessionTicketKey[] keys() {
    return ticketKeys.newestFirstForQuic();
  }
}
