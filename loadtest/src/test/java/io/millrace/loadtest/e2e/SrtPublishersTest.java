package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * The programs that broadcasters use, pushing MPEG-TS over SRT, in the clear and encrypted, and
 * being pulled from: each into pictures that decode. And who may not publish is told why.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SrtPublishersTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int SEGMENTS = 4;
  private static final List<String> STREAMS =
      List.of(
          "clear",
          "clear-hevc",
          "secret-16",
          "secret-24",
          "secret-32-hevc",
          "keyed",
          "transmit",
          "secret-transmit",
          "pulled-ffmpeg",
          "pulled-transmit");
  private static final String PASSPHRASE = "correct-horse-battery";

  /** {@code sesame-sesame} (millrace secret hash). */
  private static final String KEY_HASH =
      "$argon2id$v=19$m=19456,t=2,p=1$/+vH/NF9PzTOj/7qJ756+Q$Ys5Krm2UakcNsGzf56g998Jd/UbNvaDuNzzJE7+Dosw";

  private final List<Program> publishers = new ArrayList<>();
  private final Map<String, HlsClient> streams = new TreeMap<>();
  private Path folder;
  private Ffmpeg installed;
  private Ffmpeg bundled;
  private Path h264;
  private Path hevc;
  private RunningServer server;

  @BeforeAll
  void publish(@TempDir Path temporary) {
    folder = temporary;
    installed = Ffmpeg.require(folder);
    bundled = Ffmpeg.bundled(folder);
    h264 = installed.make("h264.mp4", clip("-c:v libx264 -preset veryfast -bf 2 -sc_threshold 0"));
    hevc =
        bundled.make(
            "hevc.mp4",
            clip(
                "-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params"
                    + " log-level=error:keyint=60:min-keyint=60:scenecut=0:bframes=2:open-gop=0"));
    int ffmpegPort = freePort();
    int transmitPort = freePort();
    Map<String, List<String>> policies = new LinkedHashMap<>();
    String passphrase = "publish: { passphrase: \"" + PASSPHRASE + "\" }";
    policies.put("live/secret*", List.of(passphrase, "window: 60s"));
    policies.put("live/keyed", List.of("publish: { keys: [ \"" + KEY_HASH + "\" ] }"));
    policies.put("live/pulled-ffmpeg", List.of(pull(ffmpegPort, ""), "window: 60s"));
    policies.put(
        "live/pulled-transmit",
        List.of(pull(transmitPort, "&pbkeylen=24&passphrase=" + PASSPHRASE), "window: 60s"));
    policies.put("live/*", List.of("window: 60s"));
    // It takes one caller in its life, and one that it was too slow for is one.
    publishers.add(
        Publisher.transportStream(
            installed.program(), h264, URI.create(listener(ffmpegPort) + "&transtype=live")));
    Await.until("ffmpeg listens", LIMIT, () -> isBound(ffmpegPort));
    relay(
        "pulled-transmit",
        URI.create(listener(transmitPort) + "&pbkeylen=24&passphrase=" + PASSPHRASE));
    Await.until("srt-live-transmit listens", LIMIT, () -> isBound(transmitPort));
    server =
        RunningServer.start(
            folder, RunningServer.PASSTHROUGH, policies, "publish: { unlisted: refuse }");
    push(installed, h264, server.srt("#!::r=live/clear,m=publish"));
    push(bundled, hevc, server.srt("publish:live/clear-hevc"));
    push(installed, h264, server.srt("live/secret-16", secret(16)));
    push(installed, h264, server.srt("live/secret-24", secret(24)));
    push(bundled, hevc, server.srt("#!::r=live/secret-32-hevc,m=publish", secret(32)));
    push(installed, h264, server.srt("#!::r=live/keyed,m=publish,s=sesame-sesame"));
    relay("transmit", server.srt("#!::r=live/transmit,m=publish"));
    relay("secret-transmit", server.srt("publish:live/secret-transmit", secret(32)));
    publishers.add(
        Publisher.ffmpegLoop(h264, server.rtmp("/live/busy"), folder.resolve("busy.flv")));
    STREAMS.forEach(name -> streams.put(name, server.hls(name)));
    Instant end = Instant.now().plus(LIMIT);
    Await.until(
        "the streams",
        LIMIT.plus(LIMIT),
        () -> {
          boolean all = true;
          for (HlsClient stream : streams.values()) {
            all &= stream.isListed() && has(stream, SEGMENTS);
          }
          return all || Instant.now().isAfter(end);
        });
  }

  private static boolean has(HlsClient stream, int segments) {
    stream.reload();
    return stream.tracks().stream().allMatch(track -> track.segments().size() >= segments);
  }

  private static List<String> clip(String encoder) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=60"));
    arguments.addAll(List.of("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:d=60"));
    arguments.addAll(List.of(encoder.split(" ")));
    arguments.addAll(List.of("-g", "60", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "64k"));
    return arguments;
  }

  private static String pull(int port, String parameters) {
    return "pull: [ \"srt://127.0.0.1:" + port + "?latency=100" + parameters + "\" ]";
  }

  private static String listener(int port) {
    return "srt://127.0.0.1:" + port + "?mode=listener";
  }

  private static String secret(int keyBytes) {
    return "passphrase=" + PASSPHRASE + "&pbkeylen=" + keyBytes;
  }

  /** Ten programs and a server that has just begun are slow: libsrt's own limit is 3 s. */
  private void push(Ffmpeg ffmpeg, Path clip, URI target) {
    URI patient = URI.create(target + "&connect_timeout=" + LIMIT.toMillis());
    publishers.add(Publisher.transportStream(ffmpeg.program(), clip, patient));
  }

  /** ffmpeg to srt-live-transmit by UDP, and on from there. */
  private void relay(String name, URI target) {
    URI udp = URI.create("udp://127.0.0.1:" + freePort());
    publishers.add(
        Publisher.srtLiveTransmit(
            URI.create(udp.toString().replace("127.0.0.1", "")), patient(target)));
    publishers.add(
        Publisher.transportStream(
            installed.program(),
            h264,
            URI.create(udp + "?pkt_size=1316"),
            "-metadata",
            "service_name=" + name));
  }

  private static URI patient(URI target) {
    return URI.create(target + "&conntimeo=" + LIMIT.toMillis());
  }

  /** Whether somebody has the UDP port (proc_pid_net(5)). */
  private static boolean isBound(int port) {
    String local = ":%04X ".formatted(port);
    try (Stream<String> sockets = Files.lines(Path.of("/proc/net/udp"))) {
      return sockets.anyMatch(line -> line.contains(local));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() {
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
      return socket.getLocalPort();
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterAll
  void stop() {
    publishers.forEach(Program::close);
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @FieldSource("STREAMS")
  void viewersGetThePushedPictures(String name) {
    HlsClient stream = streams.get(name);
    if (!stream.isListed() || !has(stream, SEGMENTS)) {
      throw new AssertionError(
          name
              + " did not arrive\n"
              + server.log()
              + "\n"
              + String.join("\n", publishers.stream().map(Program::allText).toList()));
    }
    assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
    String codec = name.endsWith("hevc") ? "hevc" : "h264";
    Path clip = name.endsWith("hevc") ? hevc : h264;
    HlsClient.Track video = stream.videoTracks().getFirst();
    HlsClient.Track audio = stream.audioTrack().orElseThrow();
    for (HlsClient.Track track : List.of(video, audio)) {
      assertThat(track.gaps()).isEmpty();
      assertThat(track.discontinuities()).isEmpty();
      assertThat(installed.decode(track)).isEmpty();
    }
    isRun(bundled.slices(bundled.file(video), codec), bundled.slices(clip, codec));
    isRun(bundled.hashes(bundled.file(audio), "a:0"), bundled.hashes(clip, "a:0"));
    TreeSet<Long> durations = new TreeSet<>();
    video
        .segments()
        .values()
        .forEach(f -> f.media().samples().forEach(s -> durations.add(s.durationTicks())));
    assertThat(durations).as("every frame lasts 1/30 s").containsExactly(12_000L);
  }

  private static void isRun(List<String> got, List<String> pushed) {
    assertThat(got).hasSizeGreaterThan(100);
    assertThat(Collections.indexOfSubList(pushed, got)).isNotNegative();
  }

  @Test
  void gstreamer() {
    try (Program clear = Publisher.gstreamerSrt(server, "#!::r=live/gstreamer,m=publish");
        Program encrypted =
            Publisher.gstreamerSrt(
                server,
                "publish:live/secret-gstreamer",
                "passphrase=" + PASSPHRASE,
                "pbkeylen=24")) {
      arrives("gstreamer", clear);
      arrives("secret-gstreamer", encrypted);
    }
  }

  @Test
  void obsStudio() throws IOException {
    Path home =
        Files.createDirectory(
            folder.resolve("home"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (Program publisher =
        Publisher.obs(
            server.srt("publish:live/secret-obs", secret(32), "mode=caller"), "", h264, home)) {
      arrives("secret-obs", publisher);
    }
  }

  private void arrives(String name, Program publisher) {
    HlsClient stream = server.hls(name);
    try {
      stream.fedBy(publisher).awaitVariants(1, LIMIT).record(SEGMENTS, LIMIT);
    } catch (AssertionError e) {
      throw new AssertionError(
          e.getMessage() + "\n" + server.log() + "\n" + publisher.allText(), e);
    }
    assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
    assertThat(stream.audioTrack()).isPresent();
    for (HlsClient.Track track : stream.tracks()) {
      assertThat(installed.decode(track)).isEmpty();
    }
    assertThat(publisher.isAlive()).as(publisher.logText()).isTrue();
    hasStatistics("live/" + name);
  }

  /** By libsrt's names in the API, by names made of them in the metrics. */
  private void hasStatistics(String stream) {
    Map<String, Object> figures =
        Await.value(
            "statistics of " + stream,
            LIMIT,
            () ->
                Json.list(Json.object(Web.text(server.admin("/api/v1/sessions"))).get("sessions"))
                    .stream()
                    .map(Json::object)
                    .filter(session -> stream.equals(session.get("stream")))
                    .map(session -> Json.object(session.get("statistics")))
                    .filter(statistics -> !statistics.isEmpty())
                    .findFirst());
    assertThat(Json.number(figures.get("pktRecv"))).isPositive();
    assertThat(Json.number(figures.get("msRTT"))).isPositive();
    assertThat(Json.number(figures.get("pktRcvUndecrypt"))).isZero();
    String metrics = Web.text(server.admin("/metrics"));
    String labels = "{input=\"main\",stream=\"" + stream + "\"} ";
    assertThat(metric(metrics, "millrace_srt_pkt_recv_total" + labels)).isPositive();
    assertThat(metric(metrics, "millrace_srt_rtt_seconds" + labels)).isPositive();
    assertThat(metric(metrics, "millrace_srt_pkt_rcv_undecrypt_total" + labels)).isZero();
  }

  private static double metric(String metrics, String sample) {
    return metrics
        .lines()
        .filter(line -> line.startsWith(sample))
        .mapToDouble(line -> Double.parseDouble(line.substring(sample.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(sample + " is not in\n" + metrics));
  }

  /**
   * srt-live-transmit prints SRT's own reasons in words, and sums up those of applications. The
   * number is read off the datagram that it received, and is what libsrt's API gives a program that
   * asks ({@code srt_getrejectreason}).
   */
  @ParameterizedTest
  @CsvSource({
    "live/secret-a?passphrase=another-horse,      Incorrect passphrase,            10",
    "live/secret-a,                               Password required or unexpected, 11",
    "live/open?passphrase=correct-horse-battery,  Password required or unexpected, 11",
    "'#!::r=live/keyed,m=publish,s=sesame',       Application-defined rejection,   1401",
    "'#!::r=live/keyed,m=publish',                Application-defined rejection,   1401",
    "'#!::r=elsewhere/cam,m=publish',             Application-defined rejection,   1404",
    "'#!::r=live/busy,m=publish',                 Application-defined rejection,   1409",
    "'#!::r=live/open,m=request',                 Application-defined rejection,   1405",
    "nothing,                                     Application-defined rejection,   1400",
  })
  void refusedPublisherIsToldWhy(String who, String told, int code) {
    String[] parts = who.split("\\?");
    String[] parameters = parts.length == 1 ? new String[0] : new String[] {parts[1]};
    try (SrtTap tap = SrtTap.before(server.srt(parts[0], parameters));
        Program client =
            Publisher.srtLiveTransmit(URI.create("udp://:" + freePort()), patient(tap.address()))) {
      Program.Result result = client.await(LIMIT);
      assertThat(String.join("\n", result.log()) + result.text()).contains(told);
      assertThat(tap.refusals()).isNotEmpty().containsOnly(code);
    }
    String passphrase = parts.length == 1 ? "" : parts[1].substring(parts[1].indexOf('=') + 1);
    assertThat(LibsrtCaller.require().rejectReason(server.port("srt"), parts[0], passphrase))
        .isEqualTo(code);
    Await.until(
        code + " in the log\n" + server.log(),
        LIMIT,
        () ->
            server
                .log()
                .lines()
                .anyMatch(line -> line.contains("refused") && line.contains("code=" + code)));
    assertThat(server.log()).doesNotContain(PASSPHRASE, "sesame");
  }
}
