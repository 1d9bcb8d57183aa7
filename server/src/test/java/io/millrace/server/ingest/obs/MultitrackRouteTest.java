package io.millrace.server.ingest.obs;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.millrace.codec.Profile;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.StreamKey;
import io.millrace.media.VideoCodec;
import io.millrace.server.auth.PublishAttempt;
import io.millrace.server.auth.PublishVerdict;
import io.millrace.server.auth.PublishVerdict.Kind;
import io.millrace.server.metrics.Metrics;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class MultitrackRouteTest {
  private final Loops loops = Loops.open(1, "obs-test");
  private final HttpClient client = HttpClient.newHttpClient();
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private HttpServer server;
  private String base;

  /** Knows one key of one stream; answers late, on another thread. */
  private static final MultitrackPolicy POLICY =
      new MultitrackPolicy() {
        @Override
        public CompletionStage<PublishVerdict> authorize(PublishAttempt attempt) {
          String key = attempt.key();
          return CompletableFuture.supplyAsync(
              () ->
                  key == null
                      ? new PublishVerdict(Kind.UNAUTHORIZED, "this stream needs a key")
                      : key.equals("s3cret")
                          ? PublishVerdict.ALLOWED
                          : new PublishVerdict(Kind.UNAUTHORIZED, "wrong key"));
        }

        @Override
        public @Nullable StreamLadder ladder(StreamKey stream) {
          return stream.name().equals("studio")
              ? new StreamLadder(
                  Duration.ofSeconds(2),
                  true,
                  new Ladder(
                      List.of(VideoRung.of("360p", VideoCodec.H264, 360, 700_000, Profile.FAST)),
                      AudioRung.PASSTHROUGH))
              : null;
        }
      };

  @BeforeEach
  void start() throws Exception {
    Map<String, InetSocketAddress> listeners =
        Map.of(
            "rtmp", new InetSocketAddress(1935),
            "rtmps", new InetSocketAddress(1936),
            "https", new InetSocketAddress(8443));
    server =
        new HttpServer(
            loops,
            HttpLimits.DEFAULTS,
            new MultitrackRoute(POLICY, listeners),
            new Metrics("1").http("public"));
    base =
        "http://127.0.0.1:"
            + server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
    log.start();
    root().addAppender(log);
  }

  @AfterEach
  void stop() throws Exception {
    root().detachAppender(log);
    server.close();
    loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
  }

  private static Logger root() {
    return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  }

  @Test
  void obsGetsItsConfiguration() throws Exception {
    HttpResponse<String> response = post("", OfferTest.request("windows_nvidia_31"));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("cache-control")).contains("no-store");
    Map<String, Object> config = json(response);
    assertThat(config.get("status")).isEqualTo(Map.of("result", "success"));
    Map<?, ?> meta = (Map<?, ?>) config.get("meta");
    assertThat(meta.get("schema_version")).isEqualTo("2025-01-25");
    assertThat((String) meta.get("config_id")).hasSize(36);
    assertThat(config.get("ingest_endpoints"))
        .isEqualTo(
            List.of(
                Map.of(
                    "protocol", "RTMP",
                    "url_template", "rtmp://127.0.0.1:1935/live/{stream_key}"),
                Map.of(
                    "protocol", "RTMPS",
                    "url_template", "rtmps://127.0.0.1:1936/live/{stream_key}")));
    List<?> encoders = (List<?>) config.get("encoder_configurations");
    assertThat(encoders).hasSize(2);
    assertThat((Map<?, ?>) encoders.get(1))
        .isEqualTo(
            Map.of(
                "type",
                "obs_nvenc_h264_tex",
                "width",
                640L,
                "height",
                360L,
                "framerate",
                Map.of("numerator", 60L, "denominator", 1L),
                "gpu_scale_type",
                "OBS_SCALE_BICUBIC",
                "canvas_index",
                0L,
                "settings",
                Map.of(
                    "rate_control", "CBR",
                    "bitrate", 700L,
                    "keyint_sec", 2L,
                    "profile", "high",
                    "preset", "p5",
                    "tune", "hq",
                    "multipass", "qres",
                    "lookahead", false,
                    "bf", 2L)));
    assertThat(config.get("audio_configurations"))
        .isEqualTo(
            Map.of(
                "live",
                List.of(
                    Map.of(
                        "codec",
                        "aac",
                        "track_id",
                        1L,
                        "channels",
                        2L,
                        "settings",
                        Map.of("bitrate", 160L)))));
    assertThat(response.body()).doesNotContain("s3cret");
    assertThat(log.list.toString()).contains("ladder offered").doesNotContain("s3cret");
    assertThat(log.list)
        .allSatisfy(e -> assertThat(String.valueOf(e.getKeyValuePairs())).doesNotContain("s3cret"));
  }

  @Test
  void secondMixGetsItsTrack() throws Exception {
    Map<String, Object> config = json(post("", OfferTest.request("linux_amd_30")));
    assertThat(((Map<?, ?>) config.get("audio_configurations")).get("vod")).isNotNull();
    assertThat(((Map<?, ?>) config.get("meta")).get("schema_version")).isEqualTo("2024-06-04");
  }

  @Test
  void appComesFromThePath() throws Exception {
    assertThat(post("/event", OfferTest.request("windows_nvidia_31")).body())
        .contains("rtmp://127.0.0.1:1935/event/{stream_key}");
  }

  @Test
  void wrongKeyIsToldToTheBroadcaster() throws Exception {
    assertRefused("studio?key=wrong", "wrong key");
    assertRefused("studio", "this stream needs a key");
    assertRefused("elsewhere?key=s3cret", "no stream of this server is called live/elsewhere");
    assertRefused("<b>", "stream name &quot;&lt;b&gt;&quot; has other characters");
  }

  private void assertRefused(String streamKey, String text) throws Exception {
    HttpResponse<String> response =
        post(
            "",
            "{\"authentication\":\"%s\"}".formatted(streamKey).getBytes(StandardCharsets.UTF_8));
    assertThat(response.statusCode()).isEqualTo(200);
    Map<?, ?> status = (Map<?, ?>) json(response).get("status");
    assertThat(status.get("result")).isEqualTo("error");
    assertThat((String) status.get("html_en_us")).startsWith(text);
    assertThat(response.body()).doesNotContain("s3cret").doesNotContain("encoder_configurations");
  }

  @Test
  void whatIsNoRequestIsRefused() throws Exception {
    assertThat(post("", new byte[0]).statusCode()).isEqualTo(400);
    assertThat(post("", new byte[65 << 10]).statusCode()).isEqualTo(413);
    HttpResponse<String> get =
        client.send(
            HttpRequest.newBuilder(URI.create(base + MultitrackRoute.PATH)).build(),
            BodyHandlers.ofString());
    assertThat(get.statusCode()).isEqualTo(405);
    assertThat(get.headers().firstValue("allow")).contains("POST");
  }

  @Test
  void onlyItsOwnPathsAreIts() {
    assertThat(MultitrackRoute.matches("/obs/multitrack")).isTrue();
    assertThat(MultitrackRoute.matches("/obs/multitrack/live")).isTrue();
    assertThat(MultitrackRoute.matches("/obs/multitrackx/live/master.m3u8")).isFalse();
    assertThat(MultitrackRoute.matches("/obs/other/master.m3u8")).isFalse();
  }

  private HttpResponse<String> post(String path, byte[] body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(base + MultitrackRoute.PATH + path))
            .header("content-type", "application/json")
            .POST(BodyPublishers.ofByteArray(body))
            .build(),
        BodyHandlers.ofString());
  }

  private static Map<String, Object> json(HttpResponse<String> response) throws Exception {
    return JsonTree.readObject(response.body().getBytes(StandardCharsets.UTF_8));
  }
}
