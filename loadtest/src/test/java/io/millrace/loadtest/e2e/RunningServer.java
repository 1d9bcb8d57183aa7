package io.millrace.loadtest.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * The server as an operator runs it: a process of its own, a configuration file, free ports on
 * loopback read from {@code ports.json}. Closing it drains it.
 */
public final class RunningServer implements AutoCloseable {
  private static final Duration START_LIMIT = Duration.ofSeconds(90);
  private static final int HEAP_MIB = 512;
  private static final List<String> SERVICES =
      List.of("rtmp", "rtmps", "srt", "https", "http", "admin");

  /** Where streams are encoded that say nothing of it: as users have it, or in the server. */
  private static final String ISOLATION = System.getProperty("millrace.isolation", "process");

  /** Passthrough, and two small rungs of each codec: cheap enough to be live beside a browser. */
  public static final String LADDER =
      """
      segment: 2s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 180p, codec: h264, height: 180, bitrate: 250k }
        - { name: av1-270p, codec: av1, height: 270, bitrate: 300k }
        - { name: av1-180p, codec: av1, height: 180, bitrate: 150k }
      """;

  /** Passthrough alone. */
  public static final String PASSTHROUGH =
      """
      segment: 2s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
      """;

  private final Path folder;
  private final Program program;
  private final Map<String, Object> ports;

  private RunningServer(Path folder, Program program, Map<String, Object> ports) {
    this.folder = folder;
    this.program = program;
    this.ports = ports;
  }

  /**
   * Starts a server and waits until it listens.
   *
   * @param folder for its configuration and data
   * @param ladder YAML of the ladder that every stream has
   * @param policy YAML lines of the policy of every stream, such as {@code grace: 5s}
   */
  public static RunningServer start(Path folder, String ladder, String... policy) {
    return start(folder, ladder, Map.of("*/*", List.of(policy)));
  }

  /**
   * Starts a server whose streams differ in their policy.
   *
   * @param policies YAML lines by stream pattern, in the order in which patterns are tried
   */
  public static RunningServer start(
      Path folder, String ladder, Map<String, List<String>> policies) {
    return start(folder, ladder, policies, "");
  }

  /**
   * The same with more in the file.
   *
   * @param more YAML lines of the outermost level
   */
  public static RunningServer start(
      Path folder, String ladder, Map<String, List<String>> policies, String more) {
    return start(folder, ladder, Map.of(), policies, more, HEAP_MIB);
  }

  /** The same with another heap than the usual one. */
  public static RunningServer startSmall(Path folder, String ladder, String more, int heapMib) {
    return start(folder, ladder, Map.of(), Map.of("*/*", List.of()), more, heapMib);
  }

  private static RunningServer start(
      Path folder,
      String ladder,
      Map<String, Object> ports,
      Map<String, List<String>> policies,
      String more,
      int heapMib) {
    StringBuilder yaml = new StringBuilder(more);
    if (!more.contains("transcode:")) {
      yaml.append("\ntranscode: { isolation: ").append(ISOLATION).append(" }");
    }
    yaml.append("\nlisten:\n");
    for (String service : SERVICES) {
      Object port = ports.get(service);
      yaml.append("  ").append(service).append(": \"127.0.0.1:");
      yaml.append(port == null ? 0 : (int) Json.number(port));
      yaml.append(service.equals("srt") ? "/udp" : "").append("\"\n");
    }
    Path data = folder.resolve("data");
    yaml.append("data: { dir: \"").append(data).append("\" }\n");
    yaml.append("streams:\n");
    policies.forEach(
        (pattern, lines) -> {
          yaml.append("  \"").append(pattern).append("\":\n    ladder: test\n");
          lines.forEach(line -> yaml.append("    ").append(line).append('\n'));
        });
    yaml.append("ladders:\n  test:\n").append(ladder.indent(4));
    Path config = folder.resolve("millrace.yaml");
    Path portsFile = data.resolve("ports.json");
    try {
      Files.createDirectories(data);
      Files.deleteIfExists(portsFile);
      Files.writeString(config, yaml);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Program program = Program.start(command(config, heapMib));
    return new RunningServer(folder, program, awaitPorts(program, portsFile));
  }

  private static List<String> command(Path config, int heapMib) {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Xmx" + heapMib + "m",
        "-Dio.netty.leakDetection.level=paranoid",
        "-cp",
        classPath,
        "io.millrace.server.Main",
        "run",
        "--config",
        config.toString());
  }

  private static Map<String, Object> awaitPorts(Program program, Path file) {
    try {
      return Await.value(
          "ports.json of the server",
          START_LIMIT,
          () -> {
            if (!program.isAlive()) {
              throw new AssertionError("the server ended\n" + program.allText());
            }
            return read(file).map(Json::object);
          });
    } catch (AssertionError e) {
      program.kill();
      throw new AssertionError(e.getMessage() + "\n" + program.allText(), e);
    }
  }

  private static Optional<String> read(Path file) {
    try {
      return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Ends it as a power cut would, and starts another with the same ports, data and configuration.
   */
  public RunningServer killAndRestart(String ladder, String... policy) {
    kill();
    return start(folder, ladder, ports, Map.of("*/*", List.of(policy)), "", HEAP_MIB);
  }

  /** The same with more in the file, as in {@link #start(Path, String, Map, String)}. */
  public RunningServer killAndRestart(
      String ladder, Map<String, List<String>> policies, String more) {
    kill();
    return start(folder, ladder, ports, policies, more, HEAP_MIB);
  }

  /**
   * SIGTERM, as an operator's service manager sends it, and nothing more.
   *
   * @return completes with the exit code when the process has ended by itself
   */
  public CompletableFuture<Integer> terminate() {
    return program.terminate();
  }

  /**
   * Another configuration file, and SIGHUP; where that is ignored, as behind nohup, the API's word
   * for it.
   *
   * @param edit makes it of the one that there is
   */
  public void reload(UnaryOperator<String> edit) {
    Path config = folder.resolve("millrace.yaml");
    try {
      Files.writeString(config, edit.apply(Files.readString(config)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (program.ignoresHangUp()) {
      Web.send("POST", admin("/api/v1/reload"), "", "");
    } else {
      program.hangUp();
    }
  }

  /** SIGKILL. */
  public void kill() {
    program.kill();
  }

  /** Ends this server and starts another with the same ports, data and configuration. */
  public RunningServer restart(String ladder, String... policy) {
    close();
    return start(folder, ladder, ports, Map.of("*/*", List.of(policy)), "", HEAP_MIB);
  }

  /** Where it keeps what outlives it. */
  public Path dataDir() {
    return folder.resolve("data");
  }

  public int port(String service) {
    return (int) Json.number(ports.get(service));
  }

  public URI https(String path) {
    return URI.create("https://127.0.0.1:" + port("https") + path);
  }

  public URI http(String path) {
    return URI.create("http://127.0.0.1:" + port("http") + path);
  }

  public URI admin(String path) {
    return URI.create("http://127.0.0.1:" + port("admin") + path);
  }

  public URI rtmp(String path) {
    return URI.create("rtmp://127.0.0.1:" + port("rtmp") + path);
  }

  public URI rtmps(String path) {
    return URI.create("rtmps://127.0.0.1:" + port("rtmps") + path);
  }

  /**
   * An SRT address.
   *
   * @param streamId as it is: {@code #!::r=live/NAME,m=publish}, or {@code publish:live/NAME}
   * @param parameters more of the query, such as {@code passphrase=…}
   */
  public URI srt(String streamId, String... parameters) {
    String query = "streamid=" + URLEncoder.encode(streamId, StandardCharsets.UTF_8);
    for (String parameter : parameters) {
      query += "&" + parameter;
    }
    return URI.create("srt://127.0.0.1:" + port("srt") + "?" + query);
  }

  /** What the server's API says of the stream {@code live/NAME}; empty when it knows none. */
  public Map<String, Object> stream(String name) {
    var answer = Web.get(admin("/api/v1/streams/live/" + name));
    return answer.statusCode() == 200
        ? Json.object(new String(answer.body(), StandardCharsets.UTF_8))
        : Map.of();
  }

  public HlsClient hls(String name) {
    return new HlsClient(https("/live/" + name + "/master.m3u8"));
  }

  /** What it has logged, for messages. */
  public String log() {
    return program.allText();
  }

  public boolean isAlive() {
    return program.isAlive();
  }

  /**
   * SIGTERM, then patience, then force; but first a look at what it shows ({@link OutputCheck},
   * {@link LeftOutPictures}).
   */
  @Override
  public void close() {
    List<String> problems;
    try {
      problems =
          program.isAlive() ? LeftOutPictures.unexplained(this, OutputCheck.of(this)) : List.of();
    } finally {
      program.close();
    }
    if (!problems.isEmpty()) {
      throw new AssertionError(String.join("\n", problems));
    }
  }
}
