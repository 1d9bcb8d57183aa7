package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An operator's webhook decides about ffmpeg and about viewers. */
class WebhookTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private static final String SMALL =
      """
        small:
          segment: 2s
          audio: [ { passthrough: true } ]
          video:
            - { name: source, passthrough: true }
            - { name: 64p, codec: h264, height: 64, bitrate: 60k }
      """;

  @TempDir Path folder;

  private final List<Map<String, Object>> asked = new CopyOnWriteArrayList<>();
  private volatile boolean over;
  private HttpServer hook;

  @BeforeEach
  void start() throws IOException {
    hook = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    hook.createContext(
        "/decide",
        exchange -> {
          try (exchange) {
            Map<String, Object> question =
                Json.object(
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            asked.add(question);
            byte[] reply =
                ("{\"reason\":\"ask the operator for a key\"" + ladder(question) + "}").getBytes();
            exchange.sendResponseHeaders(status(question), reply.length);
            exchange.getResponseBody().write(reply);
          }
        });
    hook.start();
  }

  private int status(Map<String, Object> question) {
    return switch (String.valueOf(question.get("action"))) {
      case "publish" -> "s3cret-key".equals(question.get("key")) && !over ? 200 : 403;
      case "play" -> "bad-token".equals(question.get("token")) ? 403 : 200;
      default -> 500;
    };
  }

  /** Streams called {@code small-…} get a ladder of their own, and others what is configured. */
  private static String ladder(Map<String, Object> question) {
    return String.valueOf(question.get("stream")).startsWith("small-")
        ? ",\"ladder\":\"small\""
        : "";
  }

  @AfterEach
  void stop() {
    hook.stop(0);
  }

  @Test
  void itNamesTheLadderOfAStream() {
    String url = "http://127.0.0.1:" + hook.getAddress().getPort() + "/decide";
    try (RunningServer server =
        RunningServer.start(
            folder,
            RunningServer.PASSTHROUGH,
            "publish: { webhook: { url: \"" + url + "\" } }",
            "grace: 1s")) {
      server.reload(yaml -> yaml + SMALL);
      Await.until(
          "the ladder is there",
          LIMIT,
          () -> Web.text(server.admin("/metrics")).contains("result=\"applied\"} 1"));
      try (Program chosen = publish(server, "small-one");
          Program other = publish(server, "one")) {
        server.hls("small-one").fedBy(chosen).awaitVariants(2, LIMIT);
        server.hls("one").fedBy(other).awaitVariants(1, LIMIT);
        assertThat(names(server, "small-one")).containsExactly("source", "64p");
        assertThat(names(server, "one")).containsExactly("source");
        server.reload(
            yaml -> yaml.replace("name: 64p,", "name: 72p,").replace("height: 64", "height: 72"));
        Await.until(
            "what is named follows the configuration, and the other stays",
            LIMIT,
            () -> names(server, "small-one").equals(List.of("source", "72p")));
        assertThat(names(server, "one")).containsExactly("source");
      }
      assertThat(server.log()).doesNotContain("names a ladder that there is not");
    }
  }

  private static Program publish(RunningServer server, String name) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(320, 180, 25),
        Publisher.h264(12, 300),
        server.rtmp("/live/" + name + "?key=s3cret-key"));
  }

  /** Its renditions of video that can be played now. */
  private static List<String> names(RunningServer server, String stream) {
    return server.hls(stream).master().variants().stream()
        .map(variant -> Path.of(variant.uri().getPath()).getParent().getFileName().toString())
        .distinct()
        .toList();
  }

  @Test
  void itLetsPublishersAndViewersInAndEndsThem() {
    String url = "http://127.0.0.1:" + hook.getAddress().getPort() + "/decide";
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 4);
    try (RunningServer server =
        RunningServer.start(
            folder,
            RunningServer.PASSTHROUGH,
            "publish: { webhook: { url: \"" + url + "\", recheck: 1s } }",
            "play: { webhook: { url: \"" + url + "\", cache: 1s } }")) {
      try (Program refused = Publisher.copy(clip, server.rtmp("/live/cam?key=wr0ng-key"))) {
        Program.Result result = refused.await(LIMIT);
        assertThat(result.exitCode()).isNotZero();
        assertThat(String.join("\n", result.log())).contains("ask the operator for a key");
      }
      try (Program publisher =
          Publisher.ffmpegLoop(
              clip, server.rtmp("/live/cam?key=s3cret-key"), folder.resolve("kept.flv"))) {
        server.hls("cam").awaitVariants(1, LIMIT);
        assertThat(Web.get(server.https("/live/cam/master.m3u8?token=bad-token")).statusCode())
            .isEqualTo(403);
        assertThat(Web.get(server.https("/t/good/live/cam/master.m3u8")).statusCode())
            .isEqualTo(200);
        over = true;
        assertThat(publisher.await(LIMIT).exitCode()).as("the publisher is ended").isNotZero();
      }
      String metrics = Web.text(server.admin("/metrics"));
      assertThat(metrics)
          .containsPattern(
              "millrace_webhook_requests_total\\{action=\"publish\",result=\"refused\"} [2-9]")
          .contains("millrace_webhook_requests_total{action=\"play\",result=\"refused\"} 1.0")
          .contains("millrace_webhook_seconds_count{action=\"play\"}");
      assertThat(asked)
          .anySatisfy(
              question ->
                  assertThat(question)
                      .containsEntry("action", "publish")
                      .containsEntry("app", "live")
                      .containsEntry("stream", "cam")
                      .containsEntry("protocol", "rtmp")
                      .containsEntry("ip", "127.0.0.1"));
      assertThat(server.log())
          .contains("publish refused", "publisher may publish no longer")
          .doesNotContain("s3cret-key", "wr0ng-key", "bad-token");
    }
  }
}
