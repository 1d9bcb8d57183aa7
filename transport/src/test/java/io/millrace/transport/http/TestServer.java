package io.millrace.transport.http;

import io.millrace.transport.Loops;
import io.millrace.transport.tls.QuicTls;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentials;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.security.KeyStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** A server on loopback with both listeners, counters to look at, and clients that trust it. */
final class TestServer implements AutoCloseable {
  static final TlsCredentials CREDENTIALS =
      SelfSigned.create(Set.of("localhost", "127.0.0.1"), Instant.now());

  static final TlsCredentials OTHER_CREDENTIALS =
      SelfSigned.create(Set.of("localhost", "127.0.0.1"), Instant.now());

  final Loops loops = Loops.open(2, "test");
  final Counters stats = new Counters();
  final ServerTls tls = ServerTls.https(CREDENTIALS);
  final QuicTls quic;
  final HttpServer server;
  final InetSocketAddress plain;
  final InetSocketAddress secure;
  private final HttpClient client;

  TestServer(HttpHandler handler) throws Exception {
    this(HttpLimits.DEFAULTS, handler);
  }

  TestServer(HttpLimits limits, HttpHandler handler) throws Exception {
    this(limits, Http3Listener.UNPROVEN_HANDSHAKES, true, handler);
  }

  TestServer(HttpLimits limits, int unprovenHandshakes, boolean earlyData, HttpHandler handler)
      throws Exception {
    this(limits, unprovenHandshakes, new QuicTls(CREDENTIALS, earlyData), handler);
  }

  TestServer(HttpLimits limits, int unprovenHandshakes, QuicTls quic, HttpHandler handler)
      throws Exception {
    this.quic = quic;
    server = new HttpServer(loops, limits, handler, stats);
    plain = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    secure =
        server.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            tls,
            quic,
            unprovenHandshakes);
    client =
        HttpClient.newBuilder()
            .sslContext(trusting(CREDENTIALS))
            .connectTimeout(Duration.ofSeconds(10))
            .build();
  }

  HttpClient client() {
    return client;
  }

  URI plainUri(String target) {
    return URI.create("http://127.0.0.1:" + plain.getPort() + target);
  }

  URI secureUri(String target) {
    return URI.create("https://localhost:" + secure.getPort() + target);
  }

  Socket connect() throws IOException {
    Socket socket = new Socket(plain.getAddress(), plain.getPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  static SSLContext trusting(TlsCredentials credentials) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("server", credentials.chain().getFirst());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLSv1.3");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** Waits for what another thread will make true. */
  static void await(String what, BooleanSupplier condition) {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadlineNs) {
        throw new AssertionError("not within 10 s: " + what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }

  @Override
  public void close() {
    client.close();
    server.close();
    tls.close();
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  /** Counts what the server tells. */
  static final class Counters implements HttpStats {
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger refused = new AtomicInteger();
    final AtomicInteger done = new AtomicInteger();
    final AtomicInteger incomplete = new AtomicInteger();
    final Set<CloseReason> closed = ConcurrentHashMap.newKeySet();
    final Set<CloseReason> aborted = ConcurrentHashMap.newKeySet();
    final Set<Integer> statuses = ConcurrentHashMap.newKeySet();
    volatile @Nullable HttpProtocol lastProtocol;

    @Override
    public void connectionOpened() {
      opened.incrementAndGet();
    }

    @Override
    public void connectionRefused(String limit) {
      refused.incrementAndGet();
    }

    @Override
    public void connectionClosed(CloseReason reason) {
      closed.add(reason);
    }

    @Override
    public void streamAborted(CloseReason reason) {
      aborted.add(reason);
    }

    @Override
    public void exchangeDone(
        String route,
        HttpProtocol protocol,
        int status,
        long bodyBytes,
        boolean complete,
        long durationNs) {
      lastProtocol = protocol;
      statuses.add(status);
      done.incrementAndGet();
      if (!complete) {
        incomplete.incrementAndGet();
      }
    }
  }
}
