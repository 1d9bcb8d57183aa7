package io.millrace.transport.tls;

import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.ChannelHandler;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The TLS side of a listener: for viewers TLS 1.3 and nothing older, with its three AEAD suites
 * (RFC 8446 §B.4); every session has forward secrecy; session tickets on, and early data where the
 * engine has it. Several certificates are chosen from by what a client asks for ({@link
 * CertificateSet}).
 *
 * <p>{@link #use} replaces the certificates under running connections: they keep the context that
 * they were opened with, which is freed with the last of them. Any thread.
 */
public final class ServerTls implements AutoCloseable {
  /** How often {@link #rotateTicketKeys} should be called. */
  public static final Duration TICKET_KEY_LIFE = TicketKeys.LIFE;

  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);

  private final EngineContext.Wanted wanted;
  private final TicketKeys ticketKeys;
  private final ReplayRegister register;
  private final boolean sharedRegister;
  private final TlsStats stats;
  private final Staples staples;
  private CertificateSet certificates;
  private List<EngineContext> contexts;
  private boolean closed;

  private ServerTls(
      CertificateSet certificates,
      ApplicationProtocolConfig protocols,
      boolean tls12,
      TlsSettings settings) {
    TlsEngine engine = available(settings.engine());
    this.wanted =
        new EngineContext.Wanted(
            engine,
            protocols,
            tls12,
            settings.earlyData() && earlyDataWorks(engine),
            settings.staples() != Staples.NONE
                && engine == TlsEngine.BORINGSSL
                && OpenSsl.isOcspSupported());
    Path keysFile = settings.ticketKeysFile();
    this.ticketKeys = keysFile == null ? new TicketKeys() : new TicketKeys(keysFile, Instant.now());
    ReplayRegister shared = settings.register();
    this.register =
        shared == null
            ? new LocalReplayRegister(LocalReplayRegister.CAPACITY, System::nanoTime)
            : shared;
    this.sharedRegister = shared != null;
    this.stats = settings.stats();
    this.staples = settings.staples();
    this.certificates = certificates;
    this.contexts = newContexts(certificates);
  }

  /**
   * For HTTPS: ALPN offers {@code h2} and {@code http/1.1}.
   *
   * @throws TlsCredentialsException when the engine refuses the credentials, or the file of ticket
   *     keys cannot be used
   */
  public static ServerTls https(CertificateSet certificates, TlsSettings settings) {
    return new ServerTls(certificates, alpn(), false, settings);
  }

  /** The same with one certificate and {@link TlsSettings#DEFAULTS}. */
  public static ServerTls https(TlsCredentials credentials) {
    return https(CertificateSet.of(credentials), TlsSettings.DEFAULTS);
  }

  /**
   * For RTMPS: without ALPN and early data, and with TLS 1.2 for the encoders that know nothing
   * newer (OBS on mbedTLS 2 among them), its forward-secret AEAD suites only.
   *
   * @throws TlsCredentialsException when the engine refuses the credentials
   */
  public static ServerTls plain(CertificateSet certificates, Staples staples) {
    return new ServerTls(
        certificates,
        ApplicationProtocolConfig.DISABLED,
        true,
        TlsSettings.DEFAULTS.withEarlyData(false).withStaples(staples));
  }

  /** The same with one certificate. */
  public static ServerTls plain(TlsCredentials credentials) {
    return plain(CertificateSet.of(credentials), Staples.NONE);
  }

  /** What does the work. */
  public TlsEngine engine() {
    return wanted.engine();
  }

  /** True when early data is taken, replays aside. */
  public boolean takesEarlyData() {
    return wanted.earlyData();
  }

  /** What new connections choose from. */
  synchronized CertificateSet certificates() {
    return certificates;
  }

  TicketKeys ticketKeys() {
    return ticketKeys;
  }

  Staples staples() {
    return staples;
  }

  ReplayRegister register() {
    return register;
  }

  TlsStats stats() {
    return stats;
  }

  /**
   * Looks at the ticket that a client has brought, before the engine does: one of another process
   * with the same keys will be opened.
   *
   * @return true when the register knows of every ClientHello with it: it is this process's own, or
   *     the register is shared with whoever has the keys
   */
  boolean knowsTicket(ClientHello hello) {
    byte[] name = hello.ticketName();
    return name != null
        && switch (ticketKeys.issuer(name)) {
          case SELF -> true;
          case OTHER -> {
            learn(name);
            yield sharedRegister;
          }
          case NOBODY -> false;
        };
  }

  private synchronized void learn(byte[] ticketName) {
    if (!closed && ticketKeys.learn(ticketName)) {
      contexts.forEach(context -> context.useTicketKeys(ticketKeys.newestFirst()));
    }
  }

  /** What the tickets that are sealed from here on begin with. */
  byte[] ticketName() {
    return ticketKeys.newestFirst()[0].name();
  }

  /**
   * The first handler of a new connection: it makes way for the engine's handler once it has read
   * the ClientHello. The pipeline that it is put in owns it.
   *
   * @param handshake from now to the end of the handshake
   * @param earlyWhile given, on the event loop and before the first byte is decrypted, how to tell
   *     whether what is read is early data still; not called where there is none
   */
  public ChannelHandler newGate(Duration handshake, Consumer<BooleanSupplier> earlyWhile) {
    return new HelloGate(this, handshake.toMillis(), earlyWhile);
  }

  /**
   * A handler for one new connection with the first certificate, without early data; the pipeline
   * that it is put in owns it.
   */
  public SslHandler newHandler(ByteBufAllocator allocator) {
    return newHandler(allocator, null, false, _ -> {});
  }

  /**
   * A handler for the client that said {@code hello}.
   *
   * @param hello null when it said nothing that can be read
   * @param allowEarlyData the register has not seen it, or there is no early data in it
   */
  SslHandler newHandler(
      ByteBufAllocator allocator,
      @Nullable ClientHello hello,
      boolean allowEarlyData,
      Consumer<BooleanSupplier> earlyWhile) {
    SslHandler handler;
    TlsCredentials shown;
    synchronized (this) {
      int chosen = certificates.choose(hello);
      handler = contexts.get(chosen).newHandler(allocator);
      shown = certificates.entries().get(chosen).credentials();
    }
    byte[] staple = wanted.stapling() ? staples.find(shown) : null;
    if (staple != null && handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
      engine.setOcspResponse(staple); // sent to clients that ask for it, in full handshakes
    }
    if (BoringSsl.whyNot() == null
        && handler.engine() instanceof ReferenceCountedOpenSslEngine engine) {
      boolean early = hello != null && hello.earlyData() && allowEarlyData && takesEarlyData();
      if (takesEarlyData()) {
        BoringSsl.allowEarlyData(engine.sslPointer(), allowEarlyData);
      }
      if (early) {
        earlyWhile.accept(new EarlyPhase(engine));
      }
      handler
          .handshakeFuture()
          .addListener(
              done -> {
                if (done.isSuccess()) {
                  count(engine.sslPointer(), early);
                }
              });
    }
    return handler;
  }

  private void count(long ssl, boolean offered) {
    if (ssl == 0) {
      return; // closed at the same moment
    }
    boolean accepted = BoringSsl.isEarlyDataAccepted(ssl);
    if (offered) {
      stats.earlyData(accepted ? TlsStats.Result.ACCEPTED : TlsStats.Result.REJECTED);
    }
    boolean resumed = BoringSsl.isResumed(ssl);
    stats.handshake(
        accepted ? TlsStats.Kind.EARLY : resumed ? TlsStats.Kind.RESUMED : TlsStats.Kind.FULL);
  }

  /**
   * Serves new connections with {@code next}; open ones go on.
   *
   * @throws TlsCredentialsException when the engine refuses them; nothing has changed then
   */
  public void use(CertificateSet next) {
    List<EngineContext> made = newContexts(next);
    List<EngineContext> former;
    synchronized (this) {
      former = closed ? made : contexts;
      if (!closed) {
        contexts = made;
        certificates = next;
      }
    }
    former.forEach(EngineContext::release);
  }

  /** {@link #use} with one certificate. */
  public void use(TlsCredentials credentials) {
    use(CertificateSet.of(credentials));
  }

  /** Seals new session tickets with a new key; those of the last two keys still resume. */
  public synchronized void rotateTicketKeys() {
    if (!closed) {
      ticketKeys.rotate(Instant.now());
      contexts.forEach(context -> context.useTicketKeys(ticketKeys.newestFirst()));
    }
  }

  /**
   * Takes the keys that another server has written into the file that both share; called from time
   * to time.
   *
   * @return true where there were some
   */
  public synchronized boolean followTicketKeys() {
    if (closed || !ticketKeys.follow()) {
      return false;
    }
    contexts.forEach(context -> context.useTicketKeys(ticketKeys.newestFirst()));
    return true;
  }

  /** Frees the engine's memory once the last connection has gone. No more handlers after it. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      contexts.forEach(EngineContext::release);
    }
  }

  private List<EngineContext> newContexts(CertificateSet set) {
    List<EngineContext> made = new ArrayList<>();
    try {
      for (CertificateSet.Entry entry : set.entries()) {
        EngineContext context = EngineContext.of(entry.credentials(), wanted);
        made.add(context);
        context.useTicketKeys(ticketKeys.newestFirst());
      }
      return made;
    } catch (TlsCredentialsException e) {
      made.forEach(EngineContext::release);
      throw e;
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

  /** The engine that is wanted, or the JDK's with a line in the log. */
  private static TlsEngine available(TlsEngine wanted) {
    String cause =
        switch (wanted) {
          case BORINGSSL ->
              OpenSsl.isAvailable() && SslProvider.isTlsv13Supported(SslProvider.OPENSSL)
                  ? null
                  : String.valueOf(OpenSsl.unavailabilityCause());
          case CONSCRYPT -> ConscryptContext.whyNot();
          case JDK -> null;
        };
    if (cause == null) {
      return wanted;
    }
    LOG.atWarn()
        .addKeyValue("cause", cause)
        .log("{} is not available, TLS runs on the JDK", wanted);
    return TlsEngine.JDK;
  }

  private static boolean earlyDataWorks(TlsEngine engine) {
    String cause =
        engine == TlsEngine.BORINGSSL ? BoringSsl.whyNot() : "the engine " + engine + " has none";
    if (cause == null) {
      return true;
    }
    LOG.atInfo().addKeyValue("cause", cause).log("TLS without early data");
    return false;
  }
}
