package io.millrace.server.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import io.millrace.codec.ladder.RungStats;
import io.millrace.codec.ladder.TranscoderStats;
import io.millrace.codec.ladder.WorkerStats;
import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.packager.PackagingStats;
import io.millrace.packager.RenditionInfo;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.text.WebVttFile;
import io.millrace.server.budget.CpuUse;
import io.millrace.server.budget.StreamCpu;
import io.millrace.server.config.ConfigProblem;
import io.millrace.server.event.Events;
import io.millrace.server.live.InputCounters;
import io.millrace.server.live.InputRole;
import io.millrace.server.live.PushStats;
import io.millrace.server.live.SubtitleCounts;
import io.millrace.server.live.SubtitlePost;
import io.millrace.server.metrics.Meter;
import io.millrace.server.metrics.Metrics;
import io.millrace.server.record.RecordingStats;
import io.millrace.transport.Loops;
import io.millrace.transport.http.HttpLimits;
import io.millrace.transport.http.HttpServer;
import io.millrace.transport.srt.flow.SrtStatistics;
import java.lang.reflect.RecordComponent;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AdminRoutesTest {
  private static final StreamKey KEY = new StreamKey("live", "a \"b\"\n");
  private static final String SRT = "millrace_srt_";
  private static final Instant ZERO = Instant.parse("2026-11-21T10:00:00.250Z");
  private static final String CUE = "WEBVTT\n\n00:00.000 --> 00:01.000\n<b>a</b>\n";

  private final Loops loops = Loops.open(1, "admin-test");
  private final Metrics metrics = new Metrics("1.2.3");
  private final View view = new View();
  private final Events events = new Events(InstantSource.system(), System::nanoTime);
  private HttpServer server;
  private HttpClient client;
  private String base;

  /** One stream with everything, and one without anything. */
  private static final class View implements AdminView {
    volatile boolean ready = true;
    final List<String> disconnected = new ArrayList<>();
    final List<String> ladderBodies = new CopyOnWriteArrayList<>();
    final List<SubtitlePost> posts = new CopyOnWriteArrayList<>();

    @Override
    public boolean ready() {
      return ready;
    }

    @Override
    public List<StreamDetail> streams() {
      return List.of(full(), empty());
    }

    @Override
    public @Nullable StreamDetail stream(StreamKey key) {
      return key.equals(KEY) ? full() : null;
    }

    @Override
    public List<SessionDetail> sessions() {
      return List.of(session());
    }

    @Override
    public synchronized boolean disconnect(String sessionId) {
      disconnected.add(sessionId);
      return sessionId.equals("r1");
    }

    @Override
    public LadderEdit ladders() {
      return new LadderEdit() {
        @Override
        public Result put(StreamKey key, byte[] body) {
          ladderBodies.add(new String(body, java.nio.charset.StandardCharsets.UTF_8));
          return key.name().equals("nobody")
              ? new Result.NoStream()
              : new Result.Invalid(List.of(ConfigProblem.of("video[0].height", "is too small")));
        }

        @Override
        public Result reset(StreamKey key) {
          return new Result.Changed(false, List.of("source", "360p"));
        }
      };
    }

    @Override
    public CompletionStage<ReloadResult> reload() {
      return CompletableFuture.completedFuture(
          new ReloadResult.Reloaded(List.of("ladders.standard"), List.of("listen.rtmp")));
    }

    @Override
    public @Nullable CompletionStage<SubtitlePost.Result> subtitles(
        StreamKey key, SubtitlePost post) {
      if (!key.name().equals("talk")) {
        return null;
      }
      posts.add(post);
      SubtitleCounts counts =
          switch (post.language()) {
            case "nl" -> null;
            case "fr" -> new SubtitleCounts(1, 0, 2);
            default -> new SubtitleCounts(post.cues().size(), 1, 0);
          };
      return CompletableFuture.completedFuture(new SubtitlePost.Result(ZERO, counts));
    }

    /** All of an SRT connection's, each with a figure of its own. */
    private static final Map<String, Number> STATISTICS = statistics();

    private static Map<String, Number> statistics() {
      Map<String, Number> figures = new LinkedHashMap<>();
      for (RecordComponent component : SrtStatistics.class.getRecordComponents()) {
        figures.put(component.getName(), 1_000L + figures.size());
      }
      figures.put("msRTT", 20.5);
      figures.put("pktRecv", 7L);
      figures.put("pktRcvUndecrypt", 0L);
      figures.put("mbpsRecvRate", 2.25);
      figures.put("usDrift", -500L);
      figures.put("pktRcvAvgBelatedMs", 3.5);
      return figures;
    }

    private static SessionDetail session() {
      return new SessionDetail(
          "r1",
          "rtmp",
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 5),
          KEY,
          "<script>",
          Instant.EPOCH,
          77,
          InputRole.MAIN,
          true,
          STATISTICS);
    }

    private static final InputCounters INPUTS =
        new InputCounters(
            "r1", InputRole.MAIN, 2, "no media for 312 ms", 1, Duration.ofMillis(1500));

    private static StreamDetail full() {
      TrackFormat.Video video =
          new TrackFormat.Video(
              VideoCodec.H264,
              "avc1.64001f",
              new byte[0],
              1280,
              720,
              Rational.ONE,
              new Rational(30000, 1001),
              Colour.UNSPECIFIED,
              0);
      TrackFormat.Audio audio =
          new TrackFormat.Audio(AudioCodec.AAC, "mp4a.40.2", new byte[0], 48_000, 2, 1024);
      RungStats rung =
          new RungStats(
              "360p",
              "x264 164",
              100,
              98,
              2,
              4,
              5000,
              1,
              1_500_000_000,
              3.456,
              1,
              false,
              false,
              "veryfast",
              false);
      return new StreamDetail(
          KEY,
          "live",
          Instant.EPOCH,
          3,
          12,
          List.of(session()),
          INPUTS,
          List.of(
              new RenditionInfo(
                  new RenditionSpec("360p", 1, 0),
                  RenditionInfo.Kind.VIDEO,
                  video,
                  900,
                  700,
                  41,
                  42,
                  1,
                  0),
              new RenditionInfo(
                  new RenditionSpec("audio", 2, 0),
                  RenditionInfo.Kind.AUDIO,
                  audio,
                  100,
                  90,
                  41,
                  42,
                  0,
                  0)),
          Map.of("4k", "would scale up"),
          new PackagingStats(77, 2_000_000_000L, 3_000_000_000L),
          new TranscoderStats(100, 5, 1, 1, 1, 1, 0, List.of(rung)),
          new StreamCpu(
              new CpuUse(0.0567, OptionalDouble.of(0.06)),
              Map.of("360p", new CpuUse(0.1234, OptionalDouble.of(0.2)))),
          new WorkerStats(
              WorkerStats.State.PAUSED,
              4711,
              2_500_000_000L,
              300_000_000,
              4,
              Map.of("crash", 2L, "hang", 1L),
              "crash: signal 11"),
          new RecordingStats(KEY, 1_234, 2, 1.5, 1, true, "/recordings/live/a/a.mp4"),
          List.of(
              new PushStats(
                  "rtmps://a.example/live2",
                  PushStats.State.WAITING,
                  "connection refused",
                  Instant.parse("2026-11-21T12:00:00Z"),
                  4_321,
                  7,
                  2,
                  3,
                  4)));
    }

    private static StreamDetail empty() {
      return new StreamDetail(
          new StreamKey("live", "z"),
          "interrupted",
          Instant.EPOCH,
          0,
          0,
          List.of(),
          new InputCounters(null, InputRole.MAIN, 0, "", 0, Duration.ZERO),
          List.of(),
          Map.of(),
          new PackagingStats(0, 0, 0),
          null,
          StreamCpu.NONE,
          null,
          null,
          List.of());
    }
  }

  @BeforeEach
  void start() throws Exception {
    metrics.register(new StreamMetrics(view));
    server =
        new HttpServer(
            loops,
            HttpLimits.DEFAULTS,
            new AdminRoutes(view, metrics, events),
            metrics.http("admin"));
    int port = server.listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).getPort();
    base = "http://127.0.0.1:" + port;
    client = HttpClient.newHttpClient();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    loops.group().shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private HttpResponse<String> send(String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path)).method(method, BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, String body, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(base + path)).POST(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void subtitlesArePostedAtATime() throws Exception {
    String path = "/api/v1/streams/live/talk/subtitles/";
    HttpResponse<String> taken = post(path + "pt_br", CUE);
    assertThat(taken.statusCode()).isEqualTo(200);
    assertThat(taken.body())
        .isEqualTo("{\"at\":\"2026-11-21T10:00:00.250Z\",\"taken\":1,\"late\":1}");
    Instant later = Instant.now().plusSeconds(60);
    for (String at : List.of("now", "now-1.5", "now%2B12.25", "now+3", later.toString())) {
      assertThat(post(path + "eng?at=" + at, CUE).statusCode()).as(at).isEqualTo(200);
    }
    assertThat(view.posts)
        .extracting(SubtitlePost::language)
        .containsExactly("pt-BR", "en", "en", "en", "en", "en");
    assertThat(view.posts)
        .extracting(SubtitlePost::offsetMs)
        .containsExactly(0L, 0L, -1_500L, 12_250L, 3_000L, 0L);
    assertThat(view.posts.getFirst().at()).isNull();
    assertThat(view.posts.getLast().at()).isEqualTo(later);
    assertThat(view.posts.getFirst().cues())
        .containsExactly(new WebVttFile.Cue(0, 1_000, "", "<b>a</b>"));
  }

  @ParameterizedTest
  @CsvSource({
    "talk, en, soon, 400, Not a time",
    "talk, en, 1970-01-01T00:00:00Z, 400, Not a time",
    "talk, en, now--1, 400, Not a time",
    "talk, e, now, 400, Not a language",
    "talk, en%0a, now, 400, ''",
    "nobody, en, now, 404, Not found",
    "talk, nl, now, 409, Too many languages",
    "talk, fr, now, 429, 2 not",
  })
  void whatCannotBeShownIsRefused(
      String stream, String language, String at, int status, String text) throws Exception {
    String path = "/api/v1/streams/live/" + stream + "/subtitles/" + language + "?at=" + at;
    HttpResponse<String> refused = post(path, CUE);
    assertThat(refused.statusCode()).as(refused.body()).isEqualTo(status);
    assertThat(refused.body()).contains(text);
  }

  @Test
  void brokenSubtitlesAreRefusedWithTheirLine() throws Exception {
    String path = "/api/v1/streams/live/talk/subtitles/en";
    HttpResponse<String> refused = post(path, "WEBVTT\n\n00:00.000 --> 00:01\na\n");
    assertThat(refused.statusCode()).isEqualTo(400);
    assertThat(refused.body()).contains("line 3");
    assertThat(send("GET", path).statusCode()).isEqualTo(405);
    assertThat(post(path, CUE, "Origin", "https://evil.example").statusCode()).isEqualTo(403);
    assertThat(view.posts).isEmpty();
  }

  private static void assertJson(String text) throws Exception {
    try (JsonParser parser = new JsonFactory().createParser(text)) {
      while (parser.nextToken() != null) {
        parser.getText();
      }
    }
  }

  @Test
  void healthAndReadinessDiffer() throws Exception {
    assertThat(send("GET", "/healthz").statusCode()).isEqualTo(200);
    assertThat(send("GET", "/readyz").statusCode()).isEqualTo(200);
    view.ready = false;
    assertThat(send("GET", "/healthz").statusCode()).isEqualTo(200);
    HttpResponse<String> drained = send("GET", "/readyz");
    assertThat(drained.statusCode()).isEqualTo(503);
    assertThat(drained.headers().firstValue("content-type")).contains("application/problem+json");
    assertJson(drained.body());
  }

  @Test
  void streamsAreListedWithTheirEncoders() throws Exception {
    HttpResponse<String> response = send("GET", "/api/v1/streams");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("access-control-allow-origin")).isEmpty();
    assertJson(response.body());
    assertThat(response.body())
        .contains("\"path\":\"live/a \\\"b\\\"\\n\"", "\"state\":\"interrupted\"")
        .contains("\"realTimeFactor\":3.46", "\"frameRate\":\"30000/1001\"", "\"viewers\":12")
        .contains("\"sampleRate\":48000", "\"engine\":\"x264 164\"")
        .contains(
            "\"measuredCpu\":0.123,\"predictedCpu\":0.2,\"preset\":\"veryfast\",\"halfRate\":false")
        .contains("\"measuredCpu\":0.057,\"predictedCpu\":0.06,\"pictureBytes\"")
        .contains("\"worker\":{\"state\":\"paused\",\"pid\":4711,\"cpuSeconds\":2.5")
        .contains("\"restarts\":{\"crash\":2,\"hang\":1},\"lastEnd\":\"crash: signal 11\"");
  }

  @Test
  void oneStreamIsFoundByItsPath() throws Exception {
    HttpResponse<String> found = send("GET", "/api/v1/streams/live/a%20%22b%22");
    assertThat(found.statusCode()).isEqualTo(404);
    assertThat(View.full().key().name()).contains("\n");
    assertThat(send("GET", "/api/v1/streams/live").statusCode()).isEqualTo(404);
    assertThat(send("GET", "/api/v1/streams/live/nobody").body()).contains("\"status\":404");
  }

  @Test
  void sessionsAreListedAndEnded() throws Exception {
    HttpResponse<String> listed = send("GET", "/api/v1/sessions");
    assertJson(listed.body());
    assertThat(listed.body()).contains("\"id\":\"r1\"", "\"remote\":\"127.0.0.1\"");
    assertThat(send("DELETE", "/api/v1/sessions/r1").statusCode()).isEqualTo(204);
    assertThat(send("DELETE", "/api/v1/sessions/r2").statusCode()).isEqualTo(404);
    assertThat(view.disconnected).containsExactly("r1", "r2");
  }

  @ParameterizedTest
  @CsvSource({
    "Sec-Fetch-Site, cross-site",
    "Sec-Fetch-Site, same-site",
    "Origin, https://evil.example",
    "Origin, null",
  })
  void otherSitesPagesEndNothing(String name, String value) throws Exception {
    assertThat(send("DELETE", "/api/v1/sessions/r1", name, value).statusCode()).isEqualTo(403);
    assertThat(view.disconnected).isEmpty();
  }

  @Test
  void ownPageMayEndSessions() throws Exception {
    HttpResponse<String> ended =
        send("DELETE", "/api/v1/sessions/r1", "Sec-Fetch-Site", "same-origin", "Origin", base);
    assertThat(ended.statusCode()).isEqualTo(204);
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "evil.example:9090", "127.0.0.1.evil.example", "a b"})
  void nameThatPointsToLoopbackEndsNothing(String host) throws Exception {
    try (var socket =
        new java.net.Socket(InetAddress.getLoopbackAddress(), URI.create(base).getPort())) {
      socket
          .getOutputStream()
          .write(
              ("DELETE /api/v1/sessions/r1 HTTP/1.1\r\nHost: "
                      + host
                      + "\r\nConnection: close\r\n\r\n")
                  .getBytes());
      assertThat(new String(socket.getInputStream().readAllBytes())).startsWith("HTTP/1.1 403");
    }
    assertThat(view.disconnected).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /healthz, 405",
    "POST, /api/v1/streams, 405",
    "DELETE, /api/v1/streams, 405",
    "DELETE, /api/v1/sessions, 405",
    "GET, /api/v1/sessions/r1, 405",
    "GET, /api, 404",
    "GET, /api/v2/streams, 404",
    "GET, /api/v1/nothing, 404",
    "GET, /admin/other.js, 404",
    "GET, /admin/, 404",
    "GET, /nothing, 404",
  })
  void refusesTheRest(String method, String path, int status) throws Exception {
    HttpResponse<String> response = send(method, path);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
    assertThat(response.headers().firstValue("allow").isPresent()).isEqualTo(status == 405);
    assertJson(response.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/admin/admin.js", "/admin/admin.css"})
  void pageIsServedUnderAStrictPolicy(String path) throws Exception {
    HttpResponse<String> response = send("GET", path);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-security-policy").orElse(""))
        .contains("default-src 'none'", "frame-ancestors 'none'");
    String etag = response.headers().firstValue("etag").orElseThrow();
    assertThat(send("GET", path, "If-None-Match", etag).statusCode()).isEqualTo(304);
  }

  @Test
  void metricsFollowTheRulesOfPrometheus() throws Exception {
    send("GET", "/healthz");
    HttpResponse<String> response = send("GET", "/metrics");
    assertThat(response.headers().firstValue("content-type").orElse("")).startsWith("text/plain");
    Pattern sample =
        Pattern.compile(
            "(millrace_[a-z0-9_]+)(\\{([a-z_]+=\"([^\"\\\\]|\\\\.)*\",?)*})? [0-9.E+-]+");
    Set<String> families = new HashSet<>();
    for (String line : response.body().split("\n")) {
      if (line.startsWith("# TYPE ")) {
        families.add(line.split(" ")[2].replaceAll("_total$", ""));
      } else if (!line.startsWith("#")) {
        Matcher matcher = sample.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
      }
    }
    Set<String> described = new HashSet<>();
    for (Meter meter : Meter.values()) {
      described.add(meter.id());
    }
    for (SrtMetric metric : SrtMetric.values()) {
      described.add(metric.id());
    }
    assertThat(described).containsAll(families);
    assertThat(families)
        .contains("millrace_streams", "millrace_encoder_real_time_factor", "millrace_build_info")
        .contains("millrace_process_resident_memory_bytes", "millrace_http_requests");
    assertThat(response.body())
        .contains(
            "millrace_http_requests_total{listener=\"admin\",protocol=\"http1\",route=\"healthz\","
                + "status=\"200\"} 1")
        .contains("millrace_streams{state=\"live\"} 1")
        .contains("millrace_stream_documents_rendered_total{stream=\"live/a \\\"b\\\"\\n\"} 77")
        .contains("millrace_worker_restarts_total{reason=\"crash\",stream=")
        .contains("millrace_worker_paused{stream=\"live/a \\\"b\\\"\\n\"} 1")
        .contains("{rendition=\"360p\",stream=\"live/a \\\"b\\\"\\n\"} 3.456")
        .containsPattern("millrace_encoder_cpu_cores\\{rendition=\"360p\".*} 0.1234")
        .containsPattern("millrace_decoder_cpu_cores\\{.*} 0.0567")
        .containsPattern("millrace_decoder_predicted_cpu_cores\\{.*} 0.06")
        .containsPattern("millrace_encoder_predicted_cpu_cores\\{rendition=\"360p\".*} 0.2");
  }

  @Test
  void srtStatisticsAreInTheApiByLibsrtsNames() throws Exception {
    String sessions = send("GET", "/api/v1/sessions").body();
    assertJson(sessions);
    View.STATISTICS.forEach(
        (name, figure) -> assertThat(sessions).contains("\"" + name + "\":" + figure));
  }

  @Test
  void everySrtStatisticIsAMetricInItsBaseUnit() throws Exception {
    assertThat(Stream.of(SrtMetric.values()).map(SrtMetric::statistic))
        .containsExactlyElementsOf(View.STATISTICS.keySet());
    String text = send("GET", "/metrics").body();
    assertThat(srtValue(text, "rtt_seconds")).isCloseTo(0.0205, offset(1e-12));
    assertThat(srtValue(text, "pkt_recv_total")).isEqualTo(7);
    assertThat(srtValue(text, "pkt_rcv_undecrypt_total")).isZero();
    assertThat(srtValue(text, "recv_rate_bits_per_second")).isEqualTo(2_250_000);
    assertThat(srtValue(text, "drift_seconds")).isCloseTo(-0.0005, offset(1e-12));
    assertThat(srtValue(text, "pkt_rcv_avg_belated_seconds")).isCloseTo(0.0035, offset(1e-12));
    for (SrtMetric metric : SrtMetric.values()) {
      String name = metric.id().substring(SRT.length()) + (metric.isCounter() ? "_total" : "");
      double figure = View.STATISTICS.get(metric.statistic()).doubleValue();
      assertThat(srtValue(text, name))
          .as(metric.statistic())
          .isCloseTo(figure * metric.scale(), offset(1e-9));
    }
  }

  /** The metric's value for the SRT input of the stream that has everything. */
  private static double srtValue(String text, String name) {
    Matcher matcher =
        Pattern.compile(
                Pattern.quote(SRT + name + "{input=\"main\",stream=\"live/a \\\"b\\\"\\n\"} ")
                    + "([0-9.E+-]+)")
            .matcher(text);
    assertThat(matcher.find()).as(name).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  @Test
  void residentMemoryIsThatOfTheProcess() {
    String text = new String(metrics.scrape(null).text());
    Matcher matcher =
        Pattern.compile("millrace_process_resident_memory_bytes ([0-9.E]+)").matcher(text);
    assertThat(matcher.find()).isTrue();
    assertThat(Double.parseDouble(matcher.group(1))).isBetween(20.0 * (1 << 20), 16.0 * (1L << 30));
  }

  @Test
  void openMetricsIsGivenToWhoAsks() throws Exception {
    HttpResponse<String> response =
        send("GET", "/metrics", "Accept", "application/openmetrics-text; version=1.0.0");
    assertThat(response.headers().firstValue("content-type").orElse(""))
        .startsWith("application/openmetrics-text");
    assertThat(response.body()).endsWith("# EOF\n");
  }

  @Test
  void anotherLadderIsJsonAndProblemsNameTheField() throws Exception {
    String path = "/api/v1/streams/live/studio/ladder";
    String nobody = "/api/v1/streams/live/nobody/ladder";
    HttpResponse<String> wrong = put(path, "application/json; charset=utf-8", "{}");
    assertThat(wrong.statusCode()).isEqualTo(422);
    assertThat(wrong.headers().firstValue("content-type").orElse(""))
        .isEqualTo("application/problem+json");
    assertJson(wrong.body());
    assertThat(wrong.body())
        .contains("{\"field\":\"video[0].height\",\"detail\":\"is too small\"}");
    assertThat(put(path, "text/plain", "{}").statusCode()).isEqualTo(415);
    assertThat(put(path, "application/json", " ".repeat(65_537)).statusCode()).isEqualTo(413);
    assertThat(put(nobody, "application/json", "{}").statusCode()).isEqualTo(404);
    assertThat(view.ladderBodies).containsExactly("{}", "{}");
    assertThat(send("DELETE", path).body())
        .isEqualTo("{\"ladder\":\"configured\",\"renditions\":[\"source\",\"360p\"]}");
    assertThat(send("GET", path).statusCode()).isEqualTo(405);
    assertThat(send("DELETE", path, "Sec-Fetch-Site", "cross-site").statusCode()).isEqualTo(403);
  }

  @Test
  void theConfigurationIsReadAgainOnRequest() throws Exception {
    assertThat(send("POST", "/api/v1/reload").body())
        .isEqualTo("{\"applied\":[\"ladders.standard\"],\"needs_restart\":[\"listen.rtmp\"]}");
    assertThat(send("GET", "/api/v1/reload").statusCode()).isEqualTo(405);
    assertThat(send("POST", "/api/v1/reload", "Sec-Fetch-Site", "cross-site").statusCode())
        .isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/streams, Streams",
    "GET, /api/v1/sessions, Sessions",
    "POST, /api/v1/reload, Reloaded",
    "DELETE, /api/v1/streams/live/studio/ladder, Ladder",
    "DELETE, /api/v1/streams/live/studio, Problem",
    "DELETE, /api/v1/sessions/r2, Problem",
    "GET, /api/v1/events?type=nonsense, Problem",
    "GET, /nothing, Problem",
  })
  void repliesAreWhatTheDescriptionSays(String method, String path, String schema)
      throws Exception {
    assertThat(OpenApiTest.problems(schema, send(method, path).body())).isEmpty();
  }

  @Test
  void postsAndPutsAreAnsweredAsTheDescriptionSays() throws Exception {
    String subtitles = "/api/v1/streams/live/talk/subtitles/en";
    assertThat(OpenApiTest.problems("Subtitles", post(subtitles, CUE).body())).isEmpty();
    String wrong = put("/api/v1/streams/live/studio/ladder", "application/json", "{}").body();
    assertThat(OpenApiTest.problems("Problem", wrong)).isEmpty();
    assertThat(wrong).contains("errors");
  }

  @Test
  void theDescriptionIsServed() throws Exception {
    HttpResponse<String> response = send("GET", "/api/v1/openapi.json");
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(new com.fasterxml.jackson.databind.ObjectMapper().readTree(response.body()))
        .isEqualTo(OpenApiTest.document());
  }

  @Test
  void everyPathSaysWhatItTakes() throws Exception {
    for (AdminRoute route : new AdminRoutes(view, metrics, events).routes()) {
      String path = route.template().replaceAll("\\{[a-z]+}", "x");
      HttpResponse<String> options = send("OPTIONS", path);
      assertThat(options.statusCode()).as(path).isEqualTo(204);
      assertThat(options.headers().firstValue("allow").orElse(""))
          .as(path)
          .isEqualTo(String.join(", ", route.methods()).replace("GET", "GET, HEAD"));
      assertThat(send("PATCH", path).statusCode()).as(path).isEqualTo(405);
    }
  }

  private HttpResponse<String> put(String path, String contentType, String body) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(base + path))
            .header("content-type", contentType)
            .PUT(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
