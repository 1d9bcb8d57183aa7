package io.millrace.loadtest.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.e2e.Await;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.tls.QuicTls;
import io.millrace.transport.tls.SelfSigned;
import io.millrace.transport.tls.ServerTls;
import io.millrace.transport.tls.TlsCredentials;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every attack, as fast as it can, and honest viewers beside it: they have what they are due before
 * their buffers are empty, and the server puts an end to the attack. How fast the machine is does
 * not matter: an attacker has one thread.
 *
 * <p>{@code loadtest/run hostile} measures the same against a server of its own process.
 */
@Isolated
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostileNeighbourTest {
  private static final Duration LATE = Duration.ofSeconds(10);
  private static final Duration ATTACK =
      Duration.ofMillis(Integer.getInteger("millrace.attack.ms", 400));

  /** For attacks that only a deadline ends. */
  private static final Duration LONGEST = Duration.ofSeconds(8);

  /**
   * Long, for a machine that has much else to do; what a viewer notices is measured, not tested.
   */
  private static final Duration BUFFER = Duration.ofSeconds(8);

  private static final Duration WARM_UP = Duration.ofSeconds(60);
  private static final int PART_BYTES = 20_000;
  private static final int PAIRS = 2;
  private static final long MAX_GROWTH_BYTES = 64L << 20;

  /** Short where attacks wait for one. */
  private static final HttpLimits LIMITS =
      HttpLimits.DEFAULTS.withDeadlines(
          Duration.ofSeconds(1),
          Duration.ofMillis(500),
          Duration.ofSeconds(30),
          Duration.ofSeconds(1));

  private final Loops loops = Loops.open(2, "hostile-test");
  private ServerTls tls;
  private HttpServer server;
  private InetSocketAddress address;
  private PacedViewers viewers;

  @BeforeAll
  void start() throws Exception {
    TlsCredentials credentials = SelfSigned.create(Set.of("localhost", "127.0.0.1"), Instant.now());
    byte[] part = new byte[PART_BYTES];
    tls = ServerTls.https(credentials);
    server =
        new HttpServer(
            loops,
            LIMITS,
            exchange -> exchange.respond(HttpReply.of(200, "video/mp4", part)),
            HttpStats.NONE);
    address =
        server.listen(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            tls,
            new QuicTls(credentials, true));
    viewers =
        new PacedViewers(
            PAIRS, () -> PacedViewers.uri(address, "/part"), Duration.ofMillis(200), BUFFER);
    Await.until("viewers watch", WARM_UP, () -> server.connections() == 2 * PAIRS && inTime());
  }

  /** Whether everybody had everything in the last second: at first, the JVM compiles itself. */
  private boolean inTime() {
    long nowNs = System.nanoTime();
    PacedViewers.Result last = viewers.result(nowNs - 1_000_000_000L, nowNs);
    return last.due() > 0 && last.share() == 1 && last.quantileMs(1) < BUFFER.toMillis() / 4.0;
  }

  @AfterAll
  void stop() {
    if (viewers != null) {
      viewers.close();
    }
    if (server != null) {
      server.close();
    }
    if (tls != null) {
      tls.close();
    }
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  static List<Attack> attacks() {
    return Attack.all();
  }

  private static long buffersBytes() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void viewersGoOnWatching(Attack attack) throws Exception {
    long buffersBytes = buffersBytes();
    long fromNs = System.nanoTime();
    int ended = attack.run(address, "/part", ATTACK, LONGEST);
    PacedViewers.Result result = viewers.result(fromNs, System.nanoTime());
    assertThat(ended).as("attacks that the server has ended").isPositive();
    assertThat(result.failed()).as("parts that did not come").isZero();
    assertThat(result.share()).as("parts that came in time").isGreaterThanOrEqualTo(0.9);
    Await.until("attackers gone", LATE, () -> server.connections() == 2 * PAIRS);
    assertThat(buffersBytes() - buffersBytes).as("growth").isLessThan(MAX_GROWTH_BYTES);
  }
}
