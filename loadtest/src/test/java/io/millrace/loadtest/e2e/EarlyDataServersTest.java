package io.millrace.loadtest.e2e;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.tls.CertificateSet;
import io.millrace.transport.tls.ReplayRegister;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsSettings;
import io.millrace.transport.tls.TlsStats;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Early data where viewers and attackers find two servers: what docs/tls.md says of them. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EarlyDataServersTest {
  private static final Duration LIMIT = Duration.ofSeconds(15);
  private static final int BEYOND_HANDSHAKE_BYTES = 6_000;
  private static final int REPLAYS = 20;
  private static final byte[] REQUEST =
      "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n".getBytes(ISO_8859_1);
  private static final String END = "the end of the page";

  @TempDir private Path folder;
  private final CertificateSet certificates =
      CertificateSet.of(SelfSigned.create(Set.of("localhost"), Instant.now()));
  private final Loops loops = Loops.open(1, "early-servers-test");

  @AfterAll
  void stop() {
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static ReplayRegister sharedRegister() {
    Set<String> seen = ConcurrentHashMap.newKeySet();
    return binder ->
        CompletableFuture.completedStage(
            seen.add(HexFormat.of().formatHex(binder))
                ? ReplayRegister.Sighting.FIRST
                : ReplayRegister.Sighting.REPEATED);
  }

  private final class Server implements AutoCloseable {
    final AtomicInteger executed = new AtomicInteger();
    final AtomicInteger replayed = new AtomicInteger();
    final AtomicInteger rejected = new AtomicInteger();
    final int port;
    private final ServerTls tls;
    private final HttpServer http;

    /**
     * @param keys its file of ticket keys; null for keys of its own
     * @param register null for one of its own
     */
    Server(@Nullable Path keys, @Nullable ReplayRegister register) throws IOException {
      TlsSettings settings =
          TlsSettings.DEFAULTS
              .withTicketKeysFile(keys)
              .withRegister(register)
              .withStats(
                  new TlsStats() {
                    @Override
                    public void handshake(Kind kind) {}

                    @Override
                    public void earlyData(Result result) {
                      switch (result) {
                        case ACCEPTED -> {}
                        case REPLAYED -> replayed.incrementAndGet();
                        case REJECTED -> rejected.incrementAndGet();
                      }
                    }
                  });
      byte[] page = (" ".repeat(2 * BEYOND_HANDSHAKE_BYTES) + END).getBytes(ISO_8859_1);
      tls = ServerTls.https(certificates, settings);
      http =
          new HttpServer(
              loops,
              HttpLimits.DEFAULTS,
              exchange -> {
                executed.incrementAndGet();
                exchange.respond(HttpReply.of(200, "text/plain", page));
              },
              HttpStats.NONE);
      port = http.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), tls).getPort();
    }

    @Override
    public void close() {
      http.close();
      tls.close();
    }
  }

  /** A viewer's visit with early data at this server, recorded on the way. */
  private byte[] record(OpensslClient client, Server at) {
    client.first(at.port, REQUEST, END);
    try (HoldingRelay relay = HoldingRelay.before(at.port, BEYOND_HANDSHAKE_BYTES);
        Program early = client.startEarly(relay.port(), REQUEST)) {
      byte[] firstFlight = relay.awaitRelease(LIMIT);
      assertThat(OpensslClient.finish(early, END)).contains("Early data was accepted");
      return firstFlight;
    }
  }

  /** Returns when the server has seen them all. */
  private static void replay(byte[] firstFlight, Server at, AtomicInteger seen) throws IOException {
    int before = seen.get();
    List<Socket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < REPLAYS; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), at.port);
        sockets.add(socket);
        socket.getOutputStream().write(firstFlight);
      }
      for (Socket socket : sockets) {
        socket.setSoTimeout((int) LIMIT.toMillis());
        assertThat(socket.getInputStream().read()).isNotNegative();
      }
      Await.until("all are seen", LIMIT, () -> seen.get() == before + REPLAYS);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private Path copy(Path keys, String name) throws IOException {
    return Files.copy(keys, folder.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
  }

  @Test
  void keysOfItsOwnMakeAnotherServerDoAFullHandshake() throws IOException {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    try (Server first = new Server(null, null);
        Server second = new Server(null, null)) {
      byte[] firstFlight = record(client, first);
      client.first(first.port, REQUEST, END);
      try (Program early = client.startEarly(second.port, REQUEST)) {
        Await.until("a handshake", LIMIT, () -> early.allText().contains("Early data was"));
        assertThat(early.allText()).contains("Early data was rejected", "New, TLSv1.3");
      }
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), second.port)) {
        socket.setSoTimeout((int) LIMIT.toMillis());
        socket.getOutputStream().write(firstFlight);
        assertThat(socket.getInputStream().read()).isNotNegative();
      }
      assertThat(second.executed).hasValue(0);
    }
  }

  /** Each takes early data with tickets of its own only, so that no register is needed for both. */
  @Test
  void sharedKeysResumeAtTheOtherServerAndExecuteNothingAgain() throws IOException {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    Path keys = folder.resolve("each.keys");
    try (Server first = new Server(keys, null);
        Server second = new Server(copy(keys, "each-2.keys"), null)) {
      byte[] firstFlight = record(client, first);
      int executed = first.executed.get();
      replay(firstFlight, first, first.replayed);
      assertThat(first.executed).hasValue(executed);
      replay(firstFlight, second, second.rejected);
      assertThat(second.executed).hasValue(0);
      client.first(first.port, REQUEST, END);
      try (Program early = client.startEarly(second.port, REQUEST)) {
        Await.until("a handshake", LIMIT, () -> early.allText().contains("Early data was"));
        assertThat(early.allText()).contains("Early data was rejected", "Reused, TLSv1.3");
      }
    }
  }

  @Test
  void aSharedRegisterLetsItBeExecutedOnceInAll() throws IOException {
    OpensslClient client = OpensslClient.require("http/1.1", folder);
    Path keys = folder.resolve("shared.keys");
    ReplayRegister register = sharedRegister();
    try (Server first = new Server(keys, register);
        Server second = new Server(copy(keys, "shared-2.keys"), register)) {
      byte[] firstFlight = record(client, first);
      replay(firstFlight, second, second.replayed);
      assertThat(second.executed).hasValue(0);
      client.first(first.port, REQUEST, END);
      assertThat(client.early(second.port, REQUEST, END))
          .as("a viewer who comes back to the other server")
          .contains("Early data was accepted", "Reused, TLSv1.3");
      assertThat(second.executed).hasValue(1);
    }
  }
}
