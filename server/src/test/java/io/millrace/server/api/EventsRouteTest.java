package io.millrace.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.StreamKey;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventType;
import io.millrace.server.event.Events;
import io.millrace.server.metrics.Metrics;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events over real connections. */
@Timeout(60)
class EventsRouteTest {
  private static final StreamKey STREAM = new StreamKey("live", "studio");
  private static final Pattern COUNT = Pattern.compile("\"count\":(\\d+)");

  /** So many that they have no room in the buffers of a connection, and in the ring neither. */
  private static final int FLOOD = 40_000;

  private final AtomicLong clockNs = new AtomicLong();
  private final Events events =
      new Events(InstantSource.system(), () -> clockNs.addAndGet(1_000_000_000));
  private final Loops loops = Loops.open(1, "events-test");
  private final HttpClient client = HttpClient.newHttpClient();
  private final List<HttpServer> servers = new ArrayList<>();
  private String base;
  private int port;

  @BeforeEach
  void start() throws IOException {
    serve(HttpLimits.DEFAULTS);
  }

  private void serve(HttpLimits limits) throws IOException {
    HttpServer server =
        new HttpServer(
            loops,
            limits,
            new AdminRoutes(new EmptyView(), new Metrics("1"), events),
            new Metrics("1").http("admin"));
    servers.add(server);
    port = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
    base = "http://127.0.0.1:" + port + "/api/v1/events";
  }

  @AfterEach
  void stop() {
    client.shutdownNow();
    servers.forEach(HttpServer::close);
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void shed(String rung) {
    events.accept(EventNote.warn(EventType.RUNG_SHED, STREAM, "given up").with("rung", rung));
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(deadline);
      LockSupport.parkNanos(1_000_000);
    }
  }

  private HttpResponse<InputStream> get(String query, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + query));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofInputStream());
  }

  private static BufferedReader lines(InputStream in) {
    return new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
  }

  /** The next line that is data. */
  private static String data(BufferedReader in) throws IOException {
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      if (line.startsWith("data: ")) {
        return line.substring("data: ".length());
      }
    }
    throw new IOException("ended");
  }

  @Test
  void eventsComeWhileOneListensAndTheirEndIsClean() throws Exception {
    HttpResponse<InputStream> response = get("");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("text/event-stream");
    assertThat(response.headers().firstValue("cache-control")).contains("no-store");
    assertThat(response.headers().firstValue("access-control-allow-origin")).isEmpty();
    try (BufferedReader in = lines(response.body())) {
      assertThat(in.readLine()).isEqualTo("retry: 2000");
      assertThat(in.readLine()).startsWith("id: ").endsWith("-0");
      assertThat(in.readLine()).isEmpty();
      shed("720p");
      assertThat(data(in)).contains("\"rung\":\"720p\"");
      assertThat(in.readLine()).isEmpty();
      events.beat();
      assertThat(in.readLine()).isEqualTo(":");
      shed("last");
      events.close();
      assertThat(data(in)).contains("\"rung\":\"last\"");
      assertThat(in.readLine()).isEmpty();
      assertThat(in.readLine()).as("the last chunk, and no connection that breaks").isNull();
    }
    await("the place is free", () -> events.listening() == 0);
  }

  @Test
  void aClientThatComesBackMissesNothing() throws Exception {
    shed("1");
    shed("2");
    String first;
    try (BufferedReader in = lines(get("?last=2").body())) {
      String event = data(in);
      assertThat(event).contains("\"rung\":\"1\"");
      first = event.replaceFirst(".*\"id\":\"([^\"]+)\".*", "$1");
    }
    shed("3");
    for (HttpResponse<InputStream> back :
        List.of(
            get("", "Last-Event-ID", first),
            get("?since=" + first),
            get("?since=nonsense&last=0", "Last-Event-ID", first))) {
      try (BufferedReader in = lines(back.body())) {
        assertThat(data(in)).contains("\"rung\":\"2\"");
        assertThat(data(in)).contains("\"rung\":\"3\"");
      }
    }
  }

  @Test
  void aFilterLeavesTheOthersOut() throws Exception {
    try (BufferedReader in = lines(get("?type=stream,rung.failed&stream=live/studio").body())) {
      in.readLine();
      shed("720p");
      events.accept(EventNote.info(EventType.STREAM_ENDED, new StreamKey("live", "b"), "ended"));
      events.accept(EventNote.info(EventType.STREAM_ENDED, STREAM, "ended"));
      assertThat(data(in)).contains("\"type\":\"stream.ended\"", "\"stream\":\"live/studio\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"?type=nonsense", "?type=", "?last=-1", "?last=1025", "?last=x"})
  void whatIsNoFilterIsRefused(String query) throws Exception {
    HttpResponse<InputStream> refused = get(query);
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.headers().firstValue("content-type")).contains("application/problem+json");
    refused.body().close();
    assertThat(events.listening()).isZero();
  }

  @Test
  void headIsAnsweredAndListensToNothing() throws Exception {
    HttpResponse<Void> head =
        client.send(
            HttpRequest.newBuilder(URI.create(base)).HEAD().build(), BodyHandlers.discarding());
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.headers().firstValue("content-type")).contains("text/event-stream");
    assertThat(events.listening()).isZero();
  }

  @Test
  void thereIsRoomForSoManyListenersAndAgainWhenOneHasGone() throws Exception {
    List<Socket> all = new ArrayList<>();
    try {
      for (int i = 0; i < Events.MAX_LISTENERS; i++) {
        all.add(listen(64 * 1024));
        int there = i + 1;
        await("listener " + there, () -> events.listening() == there);
      }
      HttpResponse<InputStream> refused = get("");
      assertThat(refused.statusCode()).isEqualTo(503);
      assertThat(refused.headers().firstValue("retry-after")).isPresent();
      refused.body().close();
      all.removeFirst().close();
      await("one has gone", () -> events.listening() < Events.MAX_LISTENERS);
      HttpResponse<InputStream> taken = get("");
      assertThat(taken.statusCode()).isEqualTo(200);
      taken.body().close();
    } finally {
      for (Socket socket : all) {
        socket.close();
      }
    }
  }

  private Socket listen(int receiveBufferBytes) throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(receiveBufferBytes);
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    socket
        .getOutputStream()
        .write("GET /api/v1/events HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".getBytes());
    return socket;
  }

  @Test
  void aListenerThatSleepsLearnsWhatItHasMissedAndHoldsNobodyUp() throws Exception {
    try (Socket socket = listen(4096)) {
      await("it listens", () -> events.listening() == 1);
      for (int i = 0; i < FLOOD; i++) {
        shed("a rung with a name that takes some room ".repeat(8) + i);
      }
      BufferedReader in = lines(socket.getInputStream());
      int seen = 0;
      int dropped = 0;
      while (seen + dropped < FLOOD) {
        String event = data(in);
        Matcher count = COUNT.matcher(event);
        if (event.contains("\"type\":\"events.dropped\"") && count.find()) {
          dropped += Integer.parseInt(count.group(1));
        } else {
          assertThat(event).contains(" " + (seen + dropped) + "\"");
          seen++;
        }
      }
      assertThat(dropped).isPositive();
      assertThat(seen).isGreaterThanOrEqualTo(Events.KEPT);
      assertThat(seen + dropped).isEqualTo(FLOOD);
    }
  }

  @Test
  void aListenerThatNeverReadsIsDisconnected() throws Exception {
    serve(
        HttpLimits.DEFAULTS.withDeadlines(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofMillis(300)));
    try (Socket socket = listen(4096)) {
      await("it listens", () -> events.listening() == 1);
      long told = events.told();
      await(
          "it is cut off",
          () -> {
            shed("x".repeat(900));
            return events.listening() == 0;
          });
      assertThat(events.told()).isGreaterThan(told);
      assertThat(socket.isClosed()).isFalse();
    }
  }
}
