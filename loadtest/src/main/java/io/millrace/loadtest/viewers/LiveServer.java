package io.millrace.loadtest.viewers;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Millrace with one passthrough rendition in low latency, as a user would start it. */
public final class LiveServer implements AutoCloseable {
  public static final String PLAYLIST = "/live/viewers/source/media.m3u8";

  /**
   * @param viewers how many may connect
   * @param window what playlists list
   * @param transcoding with a rung of 360p H.264 below what is passed through
   * @param httpsHost the address that HTTPS and HTTP/3 listen on
   * @param segmentS a multiple of 2, as key frames come; parts are there for three of it
   */
  public record Shape(
      int viewers, int partMs, String window, boolean transcoding, String httpsHost, int segmentS) {
    /** Everything on the loopback, in segments of two seconds. */
    public Shape(int viewers, int partMs, String window, boolean transcoding) {
      this(viewers, partMs, window, transcoding, 2);
    }

    /** Everything on the loopback. */
    Shape(int viewers, int partMs, String window, boolean transcoding, int segmentS) {
      this(viewers, partMs, window, transcoding, "127.0.0.1", segmentS);
    }

    /** In segments of two seconds. */
    public Shape(int viewers, int partMs, String window, boolean transcoding, String httpsHost) {
      this(viewers, partMs, window, transcoding, httpsHost, 2);
    }
  }

  private static final String RUNG =
      "\n      - { name: 360p, codec: h264, height: 360, bitrate: 600k }";

  /** The launcher may have to build first. */
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  private static final Duration PLAYLIST_LIMIT = Duration.ofSeconds(30);

  private final ManagedProcess process;
  private final Map<String, Integer> ports;
  private final HttpClient client = HttpClient.newHttpClient();

  private LiveServer(ManagedProcess process, Map<String, Integer> ports) {
    this.process = process;
    this.ports = ports;
  }

  /**
   * @param command the launcher with its sub-command
   * @param work empty; everything goes there
   */
  static LiveServer start(List<String> command, Path work, Shape shape)
      throws IOException, InterruptedException {
    Path data = Files.createDirectories(work.resolve("data"));
    Path config = work.resolve("millrace.yaml");
    Files.writeString(config, config(data, shape));
    return launch(command, work, config, data);
  }

  /**
   * Starts an edge of an origin.
   *
   * @param work empty; everything goes there
   */
  static LiveServer startEdge(List<String> command, Path work, int viewers, LiveServer origin)
      throws IOException, InterruptedException {
    Path data = Files.createDirectories(work.resolve("data"));
    Path config = work.resolve("millrace.yaml");
    Files.writeString(
        config,
        """
        role: edge
        origins: [ "http://127.0.0.1:%1$d" ]
        listen:
          https: "127.0.0.1:0"
          http: "127.0.0.1:0"
          admin: "127.0.0.1:0"
        data:
          dir: "%2$s"
        limits:
          viewers: %3$d
          viewers_per_address: %3$d
          viewer_idle: 10m
          viewer_stalled: 2m
        """
            .formatted(origin.port("http"), data, viewers + 100));
    return launch(command, work, config, data);
  }

  /**
   * Starts a server with a configuration of one's own.
   *
   * @param work everything of the server is below it, {@link #log} too
   * @param config its {@code data.dir} is {@code data} in {@code work}
   */
  public static LiveServer launch(List<String> command, Path work, Path config)
      throws IOException, InterruptedException {
    return launch(command, work, config, Files.createDirectories(work.resolve("data")));
  }

  /** The file that the output of a server goes to that was started in {@code work}. */
  public static Path log(Path work) {
    return work.resolve("millrace.log");
  }

  private static LiveServer launch(List<String> command, Path work, Path config, Path data)
      throws IOException, InterruptedException {
    List<String> full = new ArrayList<>(command);
    full.addAll(List.of("--config", config.toString()));
    ManagedProcess process = ManagedProcess.start(full, Path.of("").toAbsolutePath(), log(work));
    try {
      return new LiveServer(process, awaitPorts(process, data.resolve("ports.json")));
    } catch (IOException | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  private static String config(Path data, Shape shape) {
    return """
    listen:
      rtmp: "127.0.0.1:0"
      rtmps: "off"
      srt: "off"
      https: "%6$s:0"
      http: "127.0.0.1:0"
      admin: "127.0.0.1:0"
    data:
      dir: "%s"
    limits:
      viewers: %2$d
      viewers_per_address: %2$d
    streams:
      "live/*":
        ladder: passthrough
        window: %4$s
    ladders:
      passthrough:
        segment: %7$ds
        part: %3$dms
        video:
          - name: source
            passthrough: true%5$s
    """
        .formatted(
            data,
            shape.viewers + 100,
            shape.partMs,
            shape.window,
            shape.transcoding ? RUNG.indent(0).stripTrailing() : "",
            shape.httpsHost,
            shape.segmentS);
  }

  private static Map<String, Integer> awaitPorts(ManagedProcess process, Path file)
      throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + START_LIMIT.toNanos();
    while (!Files.exists(file)) {
      if (process.await(20, TimeUnit.MILLISECONDS)) {
        throw new IOException("Millrace ended: " + process.tail());
      }
      if (System.nanoTime() - deadlineNs > 0) {
        throw new IOException("Millrace does not start: " + process.tail());
      }
    }
    Map<String, Integer> ports = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(Files.readAllBytes(file))) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_NUMBER_INT) {
          ports.put(parser.currentName(), parser.getIntValue());
        }
      }
    }
    return ports;
  }

  /** The port of a listener, by its name in the configuration. */
  public int port(String name) throws IOException {
    Integer port = ports.get(name);
    if (port == null) {
      throw new IOException("ports.json lacks " + name + ": " + ports);
    }
    return port;
  }

  public long pid() {
    return process.pid();
  }

  String rtmp() throws IOException {
    return "rtmp://127.0.0.1:" + port("rtmp") + "/live/viewers";
  }

  public InetSocketAddress address(boolean tls) throws IOException {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port(tls ? "https" : "http"));
  }

  /** Waits until there is a playlist with a part. */
  void awaitPlaylist() throws IOException, InterruptedException {
    long deadlineNs = System.nanoTime() + PLAYLIST_LIMIT.toNanos();
    while (true) {
      HttpResponse<byte[]> reply = get("http", PLAYLIST);
      if (reply.statusCode() == 200
          && new String(reply.body(), StandardCharsets.UTF_8).contains("#EXT-X-PART:")) {
        return;
      }
      if (System.nanoTime() - deadlineNs > 0) {
        throw new IOException(
            "no low-latency playlist, status " + reply.statusCode() + ": " + process.tail());
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  /** The playlist as it is. */
  public byte[] playlist() throws IOException, InterruptedException {
    return get("http", PLAYLIST).body();
  }

  /**
   * Any document or file, in the clear.
   *
   * @throws IOException when the answer is not 200
   */
  public byte[] fetch(String path) throws IOException, InterruptedException {
    HttpResponse<byte[]> reply = get("http", path);
    if (reply.statusCode() != 200) {
      throw new IOException(path + " has status " + reply.statusCode());
    }
    return reply.body();
  }

  /** The part after the newest one. */
  PartPosition nextPart() throws IOException, InterruptedException {
    long sequence = 0;
    int parts = 0;
    for (String line : new String(playlist(), StandardCharsets.UTF_8).lines().toList()) {
      if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) {
        sequence = Long.parseLong(line.substring(line.indexOf(':') + 1));
      } else if (line.startsWith("#EXT-X-PART:")) {
        parts++;
      } else if (!line.isEmpty() && line.charAt(0) != '#') {
        sequence++;
        parts = 0;
      }
    }
    return new PartPosition(sequence, parts);
  }

  /** All of /metrics, as it is. */
  public String metricsText() throws IOException, InterruptedException {
    return new String(get("admin", "/metrics").body(), StandardCharsets.UTF_8);
  }

  /** Samples of /metrics by name, labels left out and added up. */
  public Map<String, Double> metrics() throws IOException, InterruptedException {
    Map<String, Double> metrics = new TreeMap<>();
    for (String line : metricsText().lines().filter(l -> !l.startsWith("#")).toList()) {
      String name = line.split("[{ ]", 2)[0];
      metrics.merge(
          name, Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)), Double::sum);
    }
    return metrics;
  }

  /** Requests on the public listeners so far, checks of an edge left out. */
  long viewerRequests() throws IOException, InterruptedException {
    return new String(get("admin", "/metrics").body(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("millrace_http_requests_total{"))
        .filter(line -> line.contains("listener=\"public\"") && !line.contains("route=\"time\""))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  private HttpResponse<byte[]> get(String listener, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + port(listener) + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofByteArray());
  }

  @Override
  public void close() {
    process.close();
    client.close();
  }
}
