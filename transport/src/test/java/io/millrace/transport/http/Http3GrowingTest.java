package io.millrace.transport.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http3.Http3ErrorCode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Content that grows while it is sent, over HTTP/3. */
@ExtendWith(NoLeaks.class)
class Http3GrowingTest {
  private static final Duration LATE = Duration.ofSeconds(30);

  private static String next(Http3Client.Request request) throws InterruptedException {
    byte[] data = request.data.poll(10, TimeUnit.SECONDS);
    assertThat(data).as("a DATA frame").isNotNull();
    return new String(data, StandardCharsets.US_ASCII);
  }

  @Test
  void chunksAreSentWhenTheyCome() throws Exception {
    GrowingSource source = new GrowingSource();
    source.add("one");
    try (TestServer server = new TestServer(exchange -> exchange.respond(source.reply()));
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.get("/");
      assertThat(next(request)).isEqualTo("one");
      assertThat(request.awaitHead().get("content-length")).isNull();
      source.add("two");
      assertThat(next(request)).isEqualTo("two");
      assertThat(request.replied).isNotDone();
      source.complete();
      assertThat(request.awaitText()).isEqualTo("onetwo");
      TestServer.await("counted", () -> server.stats.done.get() == 1);
      assertThat(server.stats.incomplete).hasValue(0);
    }
  }

  @Test
  void endComesBehindWhatWaitsForThePeer() throws Exception {
    GrowingSource source = new GrowingSource();
    byte[] large = new byte[300_000];
    source.add(large);
    try (TestServer server = new TestServer(exchange -> exchange.respond(source.reply()));
        Http3Client client =
            new Http3Client(server, Http3Client.tls(), server.secure, 20_000, null)) {
      Http3Client.Request request = client.get("/");
      request.awaitHead();
      source.complete();
      assertThat(request.awaitBody()).hasSize(large.length);
    }
  }

  @Test
  void abandonedContentResetsTheStreamOnly() throws Exception {
    GrowingSource source = new GrowingSource();
    source.add("one");
    try (TestServer server = new TestServer(exchange -> exchange.respond(source.reply()));
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.get("/");
      assertThat(next(request)).isEqualTo("one");
      source.abandon();
      assertThat(request.awaitReset()).isEqualTo(Http3ErrorCode.H3_INTERNAL_ERROR.code());
      assertThat(server.stats.aborted).containsExactly(CloseReason.CONTENT_ABANDONED);
      assertThat(client.channel.isActive()).isTrue();
    }
  }

  @Test
  void clientThatStopsGrowingContentCostsNothingMore() throws Exception {
    GrowingSource source = new GrowingSource();
    source.add("one");
    HttpLimits limits = HttpLimits.DEFAULTS.withDeadlines(LATE, Duration.ofMillis(300), LATE, LATE);
    try (TestServer server = new TestServer(limits, exchange -> exchange.respond(source.reply()));
        Http3Client client = new Http3Client(server)) {
      Http3Client.Request request = client.get("/");
      assertThat(next(request)).isEqualTo("one");
      request.cancel();
      source.add("two");
      TestServer.await("given up", () -> server.stats.incomplete.get() == 1);
      assertThat(client.channel.isActive()).isTrue();
    }
  }

  @Test
  void readerThatTakesNothingIsResetAndOthersAreServed() throws Exception {
    HttpLimits limits = HttpLimits.DEFAULTS.withDeadlines(LATE, LATE, LATE, Duration.ofMillis(300));
    byte[] large = new byte[400_000];
    try (TestServer server =
            new TestServer(limits, exchange -> exchange.respond(HttpReply.of(200, "x/y", large)));
        Http3Client slow = new Http3Client(server, Http3Client.tls(), server.secure, 10_000, null);
        Http3Client honest = new Http3Client(server)) {
      Http3Client.Request stuck = slow.request("GET", "/", true);
      stuck.stream.get(10, TimeUnit.SECONDS).config().setAutoRead(false);
      assertThat(honest.get("/").awaitBody()).hasSize(large.length);
      TestServer.await("reset", () -> server.stats.aborted.contains(CloseReason.WRITE_TIMEOUT));
      assertThat(slow.channel.isActive()).isTrue();
    }
  }
}
