package io.millrace.loadtest.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Millrace as it is started by a user, with a passthrough rendition and nothing else, no TLS.
 *
 * @param command the program and, as the last word, its sub-command: {@code ./millrace run}
 * @param directory where that is run
 * @param variant a name for the command, to tell two of them apart
 */
record MillraceServer(String variant, List<String> command, Path directory)
    implements ServerUnderTest {
  /** The launcher may have to build first. */
  private static final Duration START_LIMIT = Duration.ofMinutes(5);

  @Override
  public String name() {
    return variant;
  }

  @Override
  public String describe() throws IOException, InterruptedException {
    List<String> ask = new ArrayList<>(command.subList(0, command.size() - 1));
    ask.add("--version");
    String version = ManagedProcess.output(START_LIMIT, directory, ask);
    return version.strip().lines().reduce((_, last) -> last).orElse("Millrace")
        + ", `"
        + String.join(" ", command)
        + "`; passthrough rendition only, segments of 2 s, window 30 s, CMAF, HTTP without TLS";
  }

  @Override
  public Running start(Path work) throws IOException, InterruptedException {
    Path data = Files.createDirectories(work.resolve("data"));
    Path config = work.resolve("millrace.yaml");
    Files.writeString(config, config(data));
    List<String> full = new ArrayList<>(command);
    full.addAll(List.of("--config", config.toString()));
    ManagedProcess process = ManagedProcess.start(full, directory, work.resolve("millrace.log"));
    try {
      Map<String, Integer> ports = awaitPorts(process, data.resolve("ports.json"));
      Integer rtmp = ports.get("rtmp");
      Integer http = ports.get("http");
      if (rtmp == null || http == null) {
        throw new IOException("ports.json lacks rtmp or http: " + ports);
      }
      return new Started(process, rtmp, http);
    } catch (IOException | InterruptedException e) {
      process.close();
      throw e;
    }
  }

  private static String config(Path data) {
    return """
    listen:
      rtmp: "127.0.0.1:0"
      rtmps: "off"
      srt: "off"
      https: "off"
      http: "127.0.0.1:0"
      admin: "127.0.0.1:0"
    data:
      dir: "%s"
    streams:
      "live/*":
        ladder: passthrough
        window: 30s
    ladders:
      passthrough:
        segment: 2s
        video:
          - name: source
            passthrough: true
    """
        .formatted(data);
  }

  private record Started(ManagedProcess process, int rtmpPort, int httpPort) implements Running {
    @Override
    public long pid() {
      return process.pid();
    }

    @Override
    public URI rtmp(String stream) {
      return URI.create("rtmp://127.0.0.1:" + rtmpPort + "/live/" + stream);
    }

    @Override
    public URI playlist(String stream) {
      return URI.create("http://127.0.0.1:" + httpPort + "/live/" + stream + "/master.m3u8");
    }

    @Override
    public void close() {
      process.close();
    }
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
    return ports(Files.readAllBytes(file));
  }

  /** The numbers of a flat JSON object. */
  static Map<String, Integer> ports(byte[] json) throws IOException {
    Map<String, Integer> ports = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.VALUE_NUMBER_INT) {
          ports.put(parser.currentName(), parser.getIntValue());
        }
      }
    }
    return ports;
  }
}
