package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.bench.NginxRtmp;
import io.millrace.loadtest.bench.ServerUnderTest;
import io.millrace.transport.tls.Authority;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stream is sent on to other servers while it is live. */
class RestreamTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String KEY = "hunter2-hunter2";
  private static final Pattern DIRECT_BYTES =
      Pattern.compile("(?m)^millrace_direct_memory_bytes ([0-9.E+]+)$");

  /** What a server may hold for one that is gone: some chunks of a pooled allocator. */
  private static final double MORE_BYTES = 48 << 20;

  @TempDir Path folder;

  @Test
  void anotherServerShowsItBitForBitOverTlsAndIsFoundAgainAfterItWasKilled() throws Exception {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 60);
    String tls = certificate("far", "127.0.0.1");
    Map<String, List<String>> open = Map.of("*/*", List.of());
    RunningServer far = RunningServer.start(made("far"), RunningServer.PASSTHROUGH, open, tls);
    try (RunningServer near =
        RunningServer.start(
            made("near"),
            RunningServer.PASSTHROUGH,
            "push: [ { url: \"rtmps://127.0.0.1:%d/live\", key_file: \"%s\", ca: \"%s\" } ]"
                .formatted(
                    far.port("rtmps"),
                    Files.writeString(folder.resolve("far.key.txt"), KEY + "\n"),
                    folder.resolve("ca-far.crt")))) {
      try (Program publisher =
          Publisher.ffmpegLoop(clip, near.rtmp("/live/a"), folder.resolve("sent.flv"))) {
        near.hls("a").fedBy(publisher).awaitVariants(1, LIMIT);
        awaitPush(near, "live");
        isShown(ffmpeg, far, near);
        assertThat(push(near))
            .containsEntry("target", "rtmps://127.0.0.1:" + far.port("rtmps") + "/live")
            .containsEntry("reason", "");
        assertThat(Json.number(push(near).get("bytesSent"))).isGreaterThan(100_000);

        double before = directBytes(near);
        far.kill();
        HlsClient viewer = near.hls("a").awaitVariants(1, LIMIT).record(1, LIMIT);
        viewer.record(viewer.videoTracks().getFirst().segments().size() + 5, LIMIT);
        assertThat(Conformance.check(viewer)).as("nobody else notices").isEmpty();
        assertThat(viewer.videoTracks().getFirst().gaps()).isEmpty();
        assertThat(push(near)).doesNotContainEntry("state", "live");
        assertThat(directBytes(near) - before).isLessThan(MORE_BYTES);
        far = far.killAndRestart(RunningServer.PASSTHROUGH, open, tls);
        awaitPush(near, "live");
        isShown(ffmpeg, far, near);
        assertThat(publisher.isAlive()).as(publisher.logText()).isTrue();
      }
      RunningServer last = far;
      Await.until(
          "the other server is told when the stream has ended",
          LIMIT,
          () -> !last.stream(KEY).getOrDefault("state", "").equals("live"));
      keepsTheKey(near);
    } finally {
      far.close();
    }
  }

  @Test
  void nginxTakesItAndAReloadEndsAndBeginsIt() throws Exception {
    Tool nginx = Tool.require("nginx");
    Path module = Path.of("/usr/lib/nginx/modules/ngx_rtmp_module.so");
    if (!Files.exists(module)) {
      Tool.missing("nginx's RTMP module is not installed");
    }
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 60);
    try (ServerUnderTest.Running far =
            new NginxRtmp(nginx.path().toString(), module).start(made("nginx"));
        RunningServer near =
            RunningServer.start(
                made("near"), RunningServer.PASSTHROUGH, "push: [ \"" + far.rtmp(KEY) + "\" ]");
        Program publisher =
            Publisher.ffmpegLoop(clip, near.rtmp("/live/a"), folder.resolve("sent.flv"))) {
      near.hls("a").fedBy(publisher).awaitVariants(1, LIMIT);
      awaitPush(near, "live");
      Await.until(
          "nginx has a playlist", LIMIT, () -> Web.get(far.playlist(KEY)).statusCode() == 200);
      assertThat(ffmpeg.readLive(far.playlist(KEY), Duration.ofSeconds(8))).isEmpty();

      String push = "push: [ \"" + far.rtmp(KEY) + "\" ]";
      near.reload(yaml -> yaml.replace(push, "push: []"));
      Await.until("nothing is pushed any more", LIMIT, () -> push(near).isEmpty());
      assertThat(near.log()).contains("it is not configured any more");
      near.reload(yaml -> yaml.replace("push: []", push));
      awaitPush(near, "live");
      assertThat(publisher.isAlive()).as(publisher.logText()).isTrue();
      assertThat(near.stream("a")).containsEntry("reconnects", 0.0);
      keepsTheKey(near);
    }
  }

  @Test
  void aServerThatIsNotTheOneAndOneThatRefusesAreSaidPlainlyAndGetNothing() throws Exception {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip = Publisher.flashAndBeep(ffmpeg, 60);
    String tls = certificate("far", "127.0.0.1");
    certificate("other", "127.0.0.1");
    String elsewhere = certificate("wrongname", "elsewhere.example");
    try (RunningServer far =
            RunningServer.start(
                made("far"),
                RunningServer.PASSTHROUGH,
                Map.of("live/*", List.of()),
                tls + "publish: { unlisted: refuse }\n");
        RunningServer named =
            RunningServer.start(
                made("named"), RunningServer.PASSTHROUGH, Map.of("*/*", List.of()), elsewhere);
        RunningServer near =
            RunningServer.start(
                made("near"),
                RunningServer.PASSTHROUGH,
                """
                push: [ { url: "rtmps://127.0.0.1:%d/live/x", ca: "%s" }, \
                { url: "rtmps://127.0.0.1:%d/live/x", ca: "%s" }, \
                "rtmp://127.0.0.1:%d/nowhere/%s" ]"""
                    .formatted(
                        far.port("rtmps"),
                        folder.resolve("ca-other.crt"),
                        named.port("rtmps"),
                        folder.resolve("ca-wrongname.crt"),
                        far.port("rtmp"),
                        KEY));
        Program publisher =
            Publisher.ffmpegLoop(clip, near.rtmp("/live/a"), folder.resolve("sent.flv"))) {
      near.hls("a").fedBy(publisher).awaitVariants(1, LIMIT);
      awaitReason(near, 0, "TLS: the server's certificate is not trusted");
      awaitReason(near, 1, "127.0.0.1");
      awaitReason(near, 2, "NetStream.Publish.BadName");
      assertThat(near.log()).contains("stream cannot be pushed");
      assertThat(far.stream("x")).isEmpty();
      assertThat(named.stream("x")).isEmpty();
      keepsTheKey(near);
    }
  }

  private Path made(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  /** Of an authority of its own; returns lines for the configuration of the server. */
  private String certificate(String name, String host) throws Exception {
    Authority authority = new Authority("authority of " + name, Instant.now());
    authority.write(folder, "ca-" + name);
    Authority.write(folder, name, authority.issue(host, "EC", null));
    return "tls: { certificate: \"%s\", key: \"%s\" }\n"
        .formatted(folder.resolve(name + ".crt"), folder.resolve(name + ".key"));
  }

  /** Its pictures decode, and are those that the first server shows. */
  private static void isShown(Ffmpeg ffmpeg, RunningServer far, RunningServer near) {
    HlsClient copy = far.hls(KEY).awaitVariants(1, LIMIT).record(3, LIMIT);
    assertThat(Conformance.check(copy)).as(far.log()).isEmpty();
    assertThat(copy.audioTrack()).isPresent();
    for (HlsClient.Track track : copy.tracks()) {
      assertThat(ffmpeg.decode(track)).isEmpty();
    }
    List<String> copied = ffmpeg.hashes(ffmpeg.file(copy.videoTracks().getFirst()), "v:0");
    HlsClient viewer = near.hls("a").awaitVariants(1, LIMIT).record(1, LIMIT);
    List<String> original = ffmpeg.hashes(ffmpeg.file(viewer.videoTracks().getFirst()), "v:0");
    assertThat(copied).hasSizeGreaterThan(100);
    assertThat(original).containsAll(copied);
  }

  private static Map<String, Object> push(RunningServer server) {
    return push(server, 0);
  }

  @SuppressWarnings("unchecked") // objects of JSON have text for keys
  private static Map<String, Object> push(RunningServer server, int index) {
    return server.stream("a").get("pushes") instanceof List<?> all && all.size() > index
        ? (Map<String, Object>) all.get(index)
        : Map.of();
  }

  private static void awaitPush(RunningServer server, String state) {
    try {
      Await.until("the push is " + state, LIMIT, () -> state.equals(push(server).get("state")));
    } catch (AssertionError e) {
      throw new AssertionError(push(server) + "\n" + server.log(), e);
    }
  }

  private static void awaitReason(RunningServer server, int index, String reason) {
    try {
      Await.until(
          "push " + index + " says: " + reason,
          LIMIT,
          () -> String.valueOf(push(server, index).get("reason")).contains(reason));
    } catch (AssertionError e) {
      throw new AssertionError(push(server, index) + "\n" + server.log(), e);
    }
  }

  private static double directBytes(RunningServer server) {
    String metrics = new String(Web.get(server.admin("/metrics")).body(), StandardCharsets.UTF_8);
    Matcher bytes = DIRECT_BYTES.matcher(metrics);
    assertThat(bytes.find()).as(metrics).isTrue();
    return Double.parseDouble(bytes.group(1));
  }

  private static void keepsTheKey(RunningServer server) {
    assertThat(server.log()).contains("push").doesNotContain(KEY);
    for (String path : List.of("/api/v1/streams", "/metrics")) {
      String shown = new String(Web.get(server.admin(path)).body(), StandardCharsets.UTF_8);
      assertThat(shown).contains("push").doesNotContain(KEY);
    }
  }
}
