package io.millrace.transport.http.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.http.GrowingContent;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpProtocol;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.client.ClientFailure.Kind;
import io.millrace.transport.tls.ClientTls;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentials;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The asking side, against the real server over loopback. */
class HttpClientPoolTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final ClientSettings SMALL =
      new ClientSettings(
          4, 8, 10, 100, Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(20));

  private final Loops loops = Loops.open(2, "client-test");
  private final TlsCredentials credentials = SelfSigned.create(Set.of("localhost"), Instant.now());
  private final BlockingQueue<HttpExchange> parked = new LinkedBlockingQueue<>();
  private final ConcurrentLinkedQueue<Object> from = new ConcurrentLinkedQueue<>();
  private final GrowingBody growing = new GrowingBody();
  private final List<AutoCloseable> open = new ArrayList<>();

  /** Content that a test makes. */
  private static final class GrowingBody implements GrowingContent.Source {
    private volatile GrowingContent.Growth growth =
        new GrowingContent.Growth(List.of(), GrowingContent.State.GROWING);
    private volatile Runnable wake = () -> {};

    void put(GrowingContent.State state, String... chunks) {
      List<byte[]> all = new ArrayList<>();
      for (String chunk : chunks) {
        all.add(chunk.getBytes(StandardCharsets.UTF_8));
      }
      growth = new GrowingContent.Growth(all, state);
      wake.run();
    }

    @Override
    public GrowingContent.Growth growth() {
      return growth;
    }

    @Override
    public void onGrowth(Runnable run) {
      wake = run;
    }
  }

  /** What came of a request. */
  private static final class Got implements ClientListener {
    final CompletableFuture<ReplyHead> head = new CompletableFuture<>();
    final BlockingQueue<String> chunks = new LinkedBlockingQueue<>();
    final CompletableFuture<String> body = new CompletableFuture<>();
    final CompletableFuture<ClientFailure> failure = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void head(ReplyHead reply) {
      head.complete(reply);
    }

    @Override
    public void data(byte[] chunk) {
      bytes.writeBytes(chunk);
      chunks.add(new String(chunk, StandardCharsets.UTF_8));
    }

    @Override
    public void ended() {
      body.complete(bytes.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void failed(ClientFailure why) {
      failure.complete(why);
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private InetSocketAddress serve(boolean tls) throws Exception {
    HttpServer server = new HttpServer(loops, HttpLimits.DEFAULTS, this::answer, HttpStats.NONE);
    open.add(server);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    if (!tls) {
      return server.listen(any);
    }
    ServerTls serverTls = ServerTls.https(credentials);
    open.addFirst(serverTls);
    return server.listen(any, serverTls);
  }

  private void answer(HttpExchange exchange) {
    from.add(exchange.remote());
    switch (exchange.path()) {
      case "/park" -> parked.add(exchange);
      case "/grow" ->
          exchange.respond(
              new HttpReply(200, List.of(), new ReplyBody.Growing(new GrowingContent(growing))));
      case "/large" -> exchange.respond(HttpReply.of(200, "t/p", "x".repeat(3 << 20).getBytes()));
      default -> {
        String text =
            exchange.path()
                + " "
                + exchange.headers().get("x-more")
                + " "
                + exchange.query().first("a")
                + " "
                + exchange.headers().get("host");
        exchange.respond(
            HttpReply.of(200, "text/plain", text.getBytes(StandardCharsets.UTF_8))
                .with("x-protocol", exchange.protocol() == HttpProtocol.HTTP_2 ? "2" : "1"));
      }
    }
  }

  private HttpClientPool pool(String host, int port, @Nullable ClientTls tls) {
    HttpClientPool pool =
        new HttpClientPool(
            loops.group().next(),
            loops.channel(),
            new ClientTarget(host, port, tls != null),
            tls,
            SMALL,
            System::nanoTime);
    open.add(pool);
    return pool;
  }

  private static Got get(HttpClientPool pool, String target) {
    Got got = new Got();
    pool.get(new ClientRequest(target, List.of(new Header("x-more", "m")), SOON), got);
    return got;
  }

  private static <T> T await(CompletableFuture<T> future) throws Exception {
    return future.get(20, TimeUnit.SECONDS);
  }

  private ClientTls pinned() {
    return ClientTls.pinning(List.of(credentials.fingerprint()));
  }

  @Test
  void asksInTheClearAndKeepsTheConnection() throws Exception {
    int port = serve(false).getPort();
    HttpClientPool pool = pool("127.0.0.1", port, null);
    for (int i = 0; i < 3; i++) {
      Got got = get(pool, "/x?a=b");
      assertThat(await(got.body)).isEqualTo("/x m b 127.0.0.1:" + port);
      assertThat(got.head.join().field("x-protocol")).isEqualTo("1");
      assertThat(got.head.join().lengthBytes()).isEqualTo(got.body.join().length());
    }
    assertThat(Set.copyOf(from)).hasSize(1);
  }

  @Test
  void http2CarriesManyRequestsOnOneConnectionAndOpensAnotherWhenItIsFull() throws Exception {
    HttpClientPool pool = pool("localhost", serve(true).getPort(), pinned());
    assertThat(await(get(pool, "/x").body)).startsWith("/x m");
    List<Got> many = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      many.add(get(pool, "/park"));
    }
    List<HttpExchange> waiting = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiting.add(parked.poll(20, TimeUnit.SECONDS));
    }
    assertThat(Set.copyOf(from)).hasSize(1);
    Got another = get(pool, "/x");
    assertThat(await(another.body)).startsWith("/x m");
    assertThat(another.head.join().field("x-protocol")).isEqualTo("2");
    assertThat(Set.copyOf(from)).hasSize(2);
    waiting.forEach(each -> each.respond(HttpReply.of(200, "t/p", "done".getBytes())));
    for (Got got : many) {
      assertThat(await(got.body)).isEqualTo("done");
    }
  }

  @Test
  void contentLargerThanTheWindowsArrivesWhole() throws Exception {
    HttpClientPool pool = pool("localhost", serve(true).getPort(), pinned());
    assertThat(await(get(pool, "/large").body)).hasSize(3 << 20);
  }

  @Test
  void conscryptIsTheEngine() {
    assertThat(pinned().conscrypt()).isTrue();
  }

  @Test
  void anotherCertificateThanThePinnedOneIsNoConnection() throws Exception {
    String other = SelfSigned.create(Set.of("localhost"), Instant.now()).fingerprint();
    HttpClientPool pool =
        pool("localhost", serve(true).getPort(), ClientTls.pinning(List.of(other)));
    assertThat(await(get(pool, "/x").failure).kind()).isEqualTo(Kind.CONNECT);
  }

  @Test
  void anIssuerIsTrustedForItsNamesOnly(@TempDir Path folder) throws Exception {
    Path pem = folder.resolve("ca.pem");
    Files.writeString(
        pem,
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(credentials.chain().getFirst().getEncoded())
            + "\n-----END CERTIFICATE-----\n");
    int port = serve(true).getPort();
    ClientTls tls = ClientTls.trusting(pem);
    assertThat(await(get(pool("localhost", port, tls), "/x").body)).startsWith("/x m");
    assertThat(await(get(pool("127.0.0.1", port, tls), "/x").failure).kind())
        .isEqualTo(Kind.CONNECT);
  }

  @Test
  void contentIsHandedOverWhileItGrows() throws Exception {
    for (boolean secure : List.of(false, true)) {
      growing.put(GrowingContent.State.GROWING, "one");
      HttpClientPool pool = pool("localhost", serve(secure).getPort(), secure ? pinned() : null);
      Got got = get(pool, "/grow");
      assertThat(got.chunks.poll(20, TimeUnit.SECONDS)).isEqualTo("one");
      assertThat(got.body).isNotDone();
      growing.put(GrowingContent.State.COMPLETE, "one", "two");
      assertThat(await(got.body)).isEqualTo("onetwo");
      assertThat(got.head.join().lengthBytes()).isEqualTo(ReplyBody.UNKNOWN);
    }
  }

  @Test
  void contentThatIsAbandonedFails() throws Exception {
    growing.put(GrowingContent.State.GROWING, "one");
    HttpClientPool pool = pool("localhost", serve(true).getPort(), pinned());
    Got got = get(pool, "/grow");
    assertThat(got.chunks.poll(20, TimeUnit.SECONDS)).isEqualTo("one");
    growing.put(GrowingContent.State.ABANDONED, "one");
    assertThat(await(got.failure).kind()).isEqualTo(Kind.BROKEN);
  }

  @Test
  void theServerHearsThatARequestWasGivenUp() throws Exception {
    for (boolean secure : List.of(false, true)) {
      HttpClientPool pool = pool("localhost", serve(secure).getPort(), secure ? pinned() : null);
      Got got = new Got();
      ClientCall call = pool.get(new ClientRequest("/park", List.of(), SOON), got);
      HttpExchange exchange = parked.poll(20, TimeUnit.SECONDS);
      CompletableFuture<Void> gone = new CompletableFuture<>();
      exchange.onCancel(() -> gone.complete(null));
      call.cancel();
      await(gone);
      assertThat(await(get(pool, "/x").body)).startsWith("/x m");
      assertThat(got.head).isNotDone();
      assertThat(got.failure).isNotDone();
    }
  }

  @Test
  void aReplyThatDoesNotComeInTimeFails() throws Exception {
    for (boolean secure : List.of(false, true)) {
      HttpClientPool pool = pool("localhost", serve(secure).getPort(), secure ? pinned() : null);
      Got got = new Got();
      pool.get(new ClientRequest("/park", List.of(), Duration.ofMillis(150)), got);
      assertThat(await(got.failure).kind()).isEqualTo(Kind.TIMEOUT);
    }
  }

  @Test
  void aServerThatStopsBreaksWhatIsUnderWayAndRefusesTheRest() throws Exception {
    HttpClientPool pool = pool("localhost", serve(true).getPort(), pinned());
    Got got = get(pool, "/park");
    parked.poll(20, TimeUnit.SECONDS);
    AutoCloseable tls = open.removeFirst();
    open.removeFirst().close();
    tls.close();
    assertThat(await(got.failure).kind()).isEqualTo(Kind.BROKEN);
    assertThat(await(get(pool, "/x").failure).kind()).isEqualTo(Kind.CONNECT);
  }

  @Test
  void nobodyListening() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    ClientFailure failure = await(get(pool("127.0.0.1", port, null), "/x").failure);
    assertThat(failure.kind()).isEqualTo(Kind.CONNECT);
    assertThat(failure.serverIsDown()).isTrue();
  }
}
