package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.server.config.ConfigLoader;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpExchange;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpReply;
import io.millrace.transport.http.HttpReply.Header;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.http.HttpStats;
import io.millrace.transport.http.ReplyBody;
import io.millrace.transport.http.Representation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An edge as configured, with more media than memory: full, restarted, damaged, robbed of its disk.
 */
@Timeout(60)
class EdgeDiskTest {
  private static final int OBJECTS = 50;
  private static final int OBJECT_BYTES = 400_000;

  @TempDir Path folder;

  private final Loops loops = Loops.open(1, "edge-disk-test");
  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicInteger asked = new AtomicInteger();
  private HttpServer origin;
  private int originPort;
  private RunningServer edge;

  @BeforeEach
  void start() throws Exception {
    origin = new HttpServer(loops, HttpLimits.DEFAULTS, this::answer, HttpStats.NONE);
    originPort =
        origin.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
    startEdge();
  }

  @AfterEach
  void stop() {
    edge.close();
    origin.close();
    client.close();
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private void startEdge() throws Exception {
    String yaml =
        """
        role: edge
        origins: [ "http://127.0.0.1:%d" ]
        edge: { memory: 8MiB, disk: { dir: "%s", max_size: 64MiB } }
        listen: { https: "off", http: "127.0.0.1:0", admin: "127.0.0.1:0" }
        data: { dir: "%s" }
        """
            .formatted(originPort, disk(), folder.resolve("data"));
    Path file = Files.writeString(folder.resolve("edge.yaml"), yaml);
    edge = RunningServer.start(ConfigLoader.load(file, List.of()).config());
  }

  private Path disk() {
    return folder.resolve("disk");
  }

  private static byte[] content(String path) {
    byte[] content = new byte[OBJECT_BYTES];
    new Random(path.hashCode()).nextBytes(content);
    return content;
  }

  private void answer(HttpExchange exchange) {
    boolean check = exchange.path().equals("/time");
    if (!check) {
      asked.incrementAndGet();
    }
    boolean _ =
        exchange.respond(
            check
                ? HttpReply.of(204)
                : new Representation(
                        "video/mp4",
                        ReplyBody.of(content(exchange.path())),
                        "\"" + exchange.path().hashCode() + "\"",
                        null,
                        List.of(new Header("cache-control", "public, max-age=31536000")),
                        true)
                    .reply(exchange.method(), exchange.headers()));
  }

  private HttpResponse<byte[]> get(String listener, String path) throws Exception {
    int port = edge.addresses().get(listener).getPort();
    return client.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .timeout(Duration.ofSeconds(30))
            .build(),
        BodyHandlers.ofByteArray());
  }

  private long metric(String name) throws Exception {
    Matcher sample =
        Pattern.compile("(?m)^" + Pattern.quote(name) + " (\\S+)$")
            .matcher(new String(get("admin", "/metrics").body()));
    assertThat(sample.find()).as(name).isTrue();
    return (long) Double.parseDouble(sample.group(1));
  }

  private void awaitWritten() throws Exception {
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    long before = -1;
    for (long now = metric("millrace_edge_disk_writes_total");
        now != before;
        now = metric("millrace_edge_disk_writes_total")) {
      before = now;
      assertThat(System.nanoTime()).isLessThan(deadlineNs);
    }
  }

  /** Asks for everything; how often the origin was asked for it. */
  private int watch() throws Exception {
    int before = asked.get();
    for (int i = 0; i < OBJECTS; i++) {
      String path = "/live/show/720p/segment-" + i + ".m4s";
      HttpResponse<byte[]> response = get("http", path);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValueAsLong("content-length")).hasValue(OBJECT_BYTES);
      assertThat(response.body()).isEqualTo(content(path));
    }
    return asked.get() - before;
  }

  private void damageAll() throws IOException {
    try (Stream<Path> files = Files.list(disk())) {
      for (Path file : files.filter(each -> each.toString().endsWith(".blobs")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        for (int at = OBJECT_BYTES / 2; at < bytes.length; at += OBJECT_BYTES) {
          bytes[at] ^= 1;
        }
        Files.write(file, bytes, StandardOpenOption.WRITE);
      }
    }
  }

  @Test
  void whatHasNoRoomInMemoryIsOnDiskAndTheDiskMayFail() throws Exception {
    assertThat(watch()).isEqualTo(OBJECTS);
    awaitWritten();
    assertThat(metric("millrace_edge_disk_writes_total")).isGreaterThan(OBJECTS / 3);
    assertThat(watch()).as("all but what was being written").isLessThan(OBJECTS / 5);
    awaitWritten();
    edge.close();
    startEdge();
    long deadlineNs = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (metric("millrace_edge_disk_objects") < OBJECTS / 2) {
      assertThat(System.nanoTime()).isLessThan(deadlineNs);
    }
    assertThat(watch()).as("all but what was in memory").isLessThan(OBJECTS / 2);
    awaitWritten();
    assertThat(metric("millrace_edge_requests_total{result=\"disk\"}")).isGreaterThan(OBJECTS / 2);
    assertThat(metric("millrace_edge_disk_errors_total")).isZero();

    damageAll();
    assertThat(watch()).as("what is damaged is asked for").isPositive();
    assertThat(metric("millrace_edge_disk_errors_total")).isPositive();
    try (Stream<Path> files = Files.list(disk())) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(disk());
    assertThat(watch()).isLessThanOrEqualTo(OBJECTS);
  }
}
