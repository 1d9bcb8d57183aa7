package io.millrace.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.Engine;
import io.millrace.codec.Fallback;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.Tune;
import io.millrace.codec.ladder.Ladder;
import io.millrace.media.AudioCodec;
import io.millrace.media.Rational;
import io.millrace.media.StreamKey;
import io.millrace.media.VideoCodec;
import io.millrace.server.config.LadderConfig.Audio;
import io.millrace.server.config.LadderConfig.Video;
import io.millrace.server.config.ProtectionConfig.Scheme;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigLoaderTest {
  private static final String HASH =
      "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

  @TempDir Path dir;

  @Test
  void defaultsAreThoseOfTheContract() {
    Config config = Config.defaults();
    assertThat(config.listen())
        .isEqualTo(
            new Listen(
                new Endpoint("", 1935),
                new Endpoint("", 1936),
                new Endpoint("", 8890),
                new Endpoint("", 8443),
                true,
                new Endpoint("127.0.0.1", 8080),
                new Endpoint("127.0.0.1", 9090)));
    assertThat(config.dataDir()).isEqualTo(Path.of("data"));
    assertThat(config.tls()).isEqualTo(new Tls(List.of(), Tls.Engine.BORINGSSL, true, true, null));
    StreamPolicy policy = config.policyFor(new StreamKey("live", "studio"));
    assertThat(policy)
        .isEqualTo(
            new StreamPolicy(
                List.of(),
                null,
                StreamPolicy.OnConflict.REJECT,
                null,
                Failover.DEFAULT,
                null,
                List.of(),
                PlayPolicy.OPEN,
                null,
                "standard",
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ZERO,
                null,
                null,
                Subtitles.NONE,
                List.of()));
    LadderConfig ladder = config.ladderOf(policy);
    assertThat(ladder.segment()).isEqualTo(Duration.ofSeconds(2));
    assertThat(ladder.part()).isEqualTo(Duration.ofMillis(200));
    assertThat(ladder.audio()).isEqualTo(new Audio.Passthrough());
    assertThat(ladder.video())
        .containsExactly(
            new Video.Passthrough("source"),
            encoded("360p", VideoCodec.H264, 360, 700_000),
            encoded("av1-720p", VideoCodec.AV1, 720, 1_500_000),
            encoded("av1-360p", VideoCodec.AV1, 360, 400_000));
  }

  @Test
  void anEdgeHasOriginsAndListensToNoPublisherUnlessTold() throws IOException {
    String pin = "AB:".repeat(31) + "CD";
    Config config =
        load("role: edge\norigins: [ 'https://a:1', 'http://[::1]/' ]\nlisten: { srt: ':7/udp' }\n"
                + "edge: { memory: 8MiB, stale: 1m, pins: [ '"
                + pin
                + "' ] }")
            .config();
    assertThat(config.edge())
        .isEqualTo(
            new EdgeConfig(
                List.of(URI.create("https://a:1"), URI.create("http://[::1]/")),
                null,
                List.of(pin),
                8 << 20,
                Duration.ofMinutes(1),
                null,
                10L << 30));
    EdgeConfig onDisk =
        load("role: edge\norigins: [ 'https://a:1' ]\n"
                + "edge: { disk: { dir: /var/cache/edge, max_size: 1TiB } }")
            .config()
            .edge();
    assertThat(onDisk).isNotNull();
    assertThat(onDisk.diskFolder()).isEqualTo(Path.of("/var/cache/edge"));
    assertThat(onDisk.diskBytes()).isEqualTo(1L << 40);
    assertThat(config.listen().rtmp()).isNull();
    assertThat(config.listen().rtmps()).isNull();
    assertThat(config.listen().srt()).isNotNull();
    assertThat(config.listen().https()).isNotNull();
    assertThat(Config.defaults().edge()).isNull();
  }

  @Test
  void webhooksAreAskedAsTheFileSays() throws IOException {
    Path secret = Files.writeString(dir.resolve("hook.secret"), "0123456789abcdef\n");
    StreamPolicy policy =
        load("""
                streams:
                  "live/*":
                    publish: { webhook: { url: "https://u:p@hook.example/a?b", recheck: 30s, on_error: allow, secret_file: '%s' } }
                    play: { webhook: { url: "http://127.0.0.1:9000/", timeout: 500ms, cache: 10s } }
                """
                .formatted(secret))
            .config()
            .policyFor(new StreamKey("live", "a"));
    assertThat(policy.publishWebhook())
        .isEqualTo(
            new WebhookConfig(
                URI.create("https://u:p@hook.example/a?b"),
                Duration.ofSeconds(3),
                Duration.ZERO,
                Duration.ofSeconds(30),
                WebhookConfig.OnError.ALLOW,
                new WebhookSecret("0123456789abcdef".getBytes(StandardCharsets.UTF_8)),
                null));
    assertThat(policy.toString()).doesNotContain("u:p", "0123456789");
    assertThat(policy.play().asks()).isTrue();
    assertThat(policy.play().webhook())
        .isEqualTo(
            new WebhookConfig(
                URI.create("http://127.0.0.1:9000/"),
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Duration.ZERO,
                WebhookConfig.OnError.REFUSE,
                null,
                null));
  }

  @Test
  void pagesAndTlsAreAsTheFileSays() throws IOException {
    assertThat(Config.defaults().site()).isEqualTo(SiteConfig.DEFAULT);
    Config config =
        load("web: { hsts: 180d, cors_origins: [ 'https://tv.example', 'http://[::1]:3000' ] }")
            .config();
    assertThat(config.site())
        .isEqualTo(
            new SiteConfig(
                List.of("https://tv.example", "http://[::1]:3000"), Duration.ofDays(180)));
  }

  @Test
  void partsMayBeOff() throws IOException {
    for (String off : List.of("off", "0")) {
      Config config =
          load("ladders: { l: { part: " + off + ", video: [ { name: a, passthrough: true } ] } }")
              .config();
      assertThat(config.ladders().get("l").part()).isZero();
    }
  }

  @Test
  void readsWhatTheFileSays() throws IOException {
    Config config =
        load("""
                listen: { rtmp: "127.0.0.1:0", rtmps: off, https: "[::1]:443", admin: off }
                data: { dir: /var/lib/millrace }
                log: { format: json, level: debug }
                limits: { publisher_buffer: 1MiB, viewer_stalled: 1.5s }
                streams:
                  "news/*": { ladder: own, grace: 5s, window: 1m, publish: { keys: [ "%s" ], on_conflict: takeover } }
                  "*/studio-*": { grace: 0s }
                ladders:
                  own:
                    segment: 4s
                    audio: [ { codec: aac, bitrate: 96k } ]
                    video:
                      - { name: hd, codec: h264, height: 720, bitrate: 2.5M, preset: fast, profile: quality, fps: 29.97 }
                      - { name: a, codec: av1, height: 360, bitrate: 400000, preset: 8, fps: 30000/1001 }
                """
                .formatted(HASH))
            .config();
    assertThat(config.listen().enabled())
        .containsExactly(
            Map.entry("listen.rtmp", new Endpoint("127.0.0.1", 0)),
            Map.entry("listen.https", new Endpoint("::1", 443)),
            Map.entry("listen.http", new Endpoint("127.0.0.1", 8080)));
    assertThat(config.dataDir()).isEqualTo(Path.of("/var/lib/millrace"));
    assertThat(config.log()).isEqualTo(new LogConfig(LogConfig.Format.JSON, LogConfig.Level.DEBUG));
    assertThat(config.limits().publisherBufferBytes()).isEqualTo(1 << 20);
    assertThat(config.limits().viewerStalled()).isEqualTo(Duration.ofMillis(1_500));
    StreamPolicy news = config.policyFor(new StreamKey("news", "studio-1"));
    assertThat(news.publishKeys()).hasSize(1);
    assertThat(news.onConflict()).isEqualTo(StreamPolicy.OnConflict.TAKEOVER);
    assertThat(config.policyFor(new StreamKey("live", "studio-1")).grace()).isZero();
    assertThat(config.policyFor(new StreamKey("live", "other"))).isEqualTo(config.fallback());
    LadderConfig own = config.ladderOf(news);
    assertThat(own.audio()).isEqualTo(new Audio.Encoded(AudioCodec.AAC, 96_000, null));
    assertThat(own.video())
        .containsExactly(
            new Video.Encoded(
                "hd",
                VideoCodec.H264,
                720,
                2_500_000,
                "fast",
                Profile.QUALITY,
                new Rational(30_000, 1_001),
                EncoderOptions.DEFAULT,
                false),
            new Video.Encoded(
                "a",
                VideoCodec.AV1,
                360,
                400_000,
                "8",
                Profile.FAST,
                new Rational(30_000, 1_001),
                EncoderOptions.DEFAULT,
                false));
  }

  @Test
  void theExampleOfTheContractNeedsOnlyItsSecretsAndFiles() {
    ConfigException failure = failure(CONTRACT_EXAMPLE);
    assertThat(lines(failure)).noneMatch(line -> line.contains("video[3].when"));
    assertThat(failure.problems())
        .filteredOn(p -> p.severity() == ConfigProblem.Severity.ERROR)
        .extracting(ConfigProblem::key)
        .containsExactly("tls.certificate", "tls.key", "streams.live/*.push[0]");
  }

  static Stream<Arguments> wrong() {
    return Stream.of(
        Arguments.of(
            "listen: { rtpm: off }",
            "FILE:1:11: listen.rtpm: unknown key; did you mean listen.rtmp?"),
        Arguments.of("rtmp: off", "FILE:1:1: rtmp: unknown key; did you mean listen.rtmp?"),
        Arguments.of(
            "foo: 1",
            "FILE:1:1: foo: unknown key; known here: data, edge, ladders, limits, listen, log, origins, publish, role, srt, streams, svtav1, tls, transcode, web"),
        Arguments.of(
            "listen: { rtmp: 1935 }",
            "FILE:1:17: listen.rtmp: \"1935\" is not HOST:PORT, :PORT or off"),
        Arguments.of(
            "listen: { rtmp: ':65536' }", "FILE:1:17: listen.rtmp: \":65536\" is not HOST:PORT"),
        Arguments.of("listen: [ a ]", "FILE:1:9: listen: is a list, where a section is expected"),
        Arguments.of(
            "listen: { http: ':8443' }",
            "FILE:1:17: listen.http: :8443 is already the address of listen.https (:8443)"),
        Arguments.of(
            "listen: { srt: ':8443/udp' }",
            "FILE:1:16: listen.srt: :8443 is already the address of HTTP/3 on udp"),
        Arguments.of(
            "log: { level: inof }",
            "FILE:1:15: log.level: \"inof\" is not one of error, warn, info, debug, trace; did you mean info?"),
        Arguments.of("log: { level: }", "FILE:1:14: log.level: has no value; it takes one of"),
        Arguments.of(
            "log: { level: [info] }",
            "FILE:1:15: log.level: is a list, where a single value is expected"),
        Arguments.of(
            "log:\n  level: info\n  level: warn",
            "FILE:3:3: level: given twice; the first is at line 2"),
        Arguments.of(
            "limits: { viewer_idle: 90 }",
            "limits.viewer_idle: \"90\" is not a duration from 1s to 1h"),
        Arguments.of(
            "limits: { viewer_idle: 2h }",
            "limits.viewer_idle: \"2h\" is not a duration from 1s to 1h"),
        Arguments.of(
            "limits: { publishers: 1.5 }", "limits.publishers: \"1.5\" is not a whole number"),
        Arguments.of("limits: { publishers: 99999999999999999999 }", "limits.publishers: "),
        Arguments.of("tls: { key: /dev/null }", "tls.certificate and tls.key go together"),
        Arguments.of(
            "tls: { certificate: /nowhere, key: /nowhere }",
            "tls.certificate: \"/nowhere\": no such file"),
        Arguments.of("data: { dir: /dev/null }", "data.dir: \"/dev/null\" is not a directory"),
        Arguments.of("streams: { 'live': {} }", "FILE:1:12: streams: \"live\" is not APP/NAME"),
        Arguments.of(
            "streams: { 'a/b': { ladder: standart } }",
            "there is no ladder \"standart\"; did you mean standard?"),
        Arguments.of(
            "streams: { 'a/b': { play: { tokens: required } } }",
            "streams.a/b.play.tokens: needs play.key_file (millrace secret play-key)"),
        Arguments.of(
            "streams: { 'a/b': { play: { key_file: /nowhere } } }",
            "play.key_file: \"/nowhere\": no such file"),
        Arguments.of(
            "streams: { 'a/b': { publish: { webhook: { timeout: 1s } } } }",
            "streams.a/b.publish.webhook.timeout: asks nobody without publish.webhook.url"),
        Arguments.of(
            "streams: { 'a/b': { publish: { keys: [ '"
                + HASH
                + "' ], webhook: { url: 'http://h/' } } } }",
            "streams.a/b.publish.keys: are not looked at beside publish.webhook: give one of them"),
        Arguments.of(
            "streams: { 'a/b': { publish: { webhook: { url: 'http://h/', timeout: 10s } } } }",
            "streams.a/b.publish.webhook.timeout: is no less than limits.authentication, when"
                + " publishers are closed that may not yet publish: 10000ms"),
        Arguments.of(
            "streams: { 'a/b': { publish: { webhook: { url: 'http://h/', recheck: 10ms } } } }",
            "streams.a/b.publish.webhook.recheck: is less than 1s"),
        Arguments.of(
            "streams: { 'a/b': { play: { webhook: { url: 'http://h/', secret_file: /nowhere } } } }",
            "streams.a/b.play.webhook.secret_file: \"/nowhere\": no such file"),
        Arguments.of(
            "streams: { 'a/b': { play: { webhook: { url: 'ftp://u:s3cret@h/' } } } }",
            "streams.a/b.play.webhook.url: the value is not an https:// or http:// URL"),
        Arguments.of(
            "web: { cors_origins: [ 'https://tv.example/' ] }",
            "web.cors_origins[0]: \"https://tv.example/\" is not an origin as browsers write it"),
        Arguments.of(
            "tls: { ocsp: pom.xml }", "tls.ocsp: is about tls.certificate, which is not given"),
        Arguments.of("web: { cors_origins: [ '*' ] }", "web.cors_origins[0]: "),
        Arguments.of("role: edge", "origins: is missing: an edge needs an origin"),
        Arguments.of("origins: [ 'http://h' ]", "origins: is for an edge: set role to edge"),
        Arguments.of("{ role: edge, origins: [ 'http://h/x' ] }", "has a path: give host and port"),
        Arguments.of(
            "streams: { 'a/b': { publish: { keys: x } } }",
            "publish.keys: is a single value, where a list is expected"),
        Arguments.of(
            "streams: { 'a/b': { window: 10s, ladder: l } }\nladders: { l: { segment: 4s, video: [ { name: a, passthrough: true } ] } }",
            "streams.a/b.window: a window of 10000ms holds fewer than 3 segments of 4000ms"),
        Arguments.of(
            "streams: { 'a/b': { start_behind: 40s } }",
            "streams.a/b.start_behind: is beyond what the playlists list, a window of 30000ms"),
        Arguments.of(
            "streams: { 'a/b': { start_behind: 5s, ladder: l } }\nladders: { l: { part: off, video: [ { name: a, passthrough: true } ] } }",
            "streams.a/b.start_behind: is less than three segments, which players need where there"
                + " are no parts: 6000ms"),
        Arguments.of(
            "publish: { unlisted: refuse }",
            "FILE:1:22: publish.unlisted: refuses everybody while streams has no pattern"),
        Arguments.of("ladders: { l: { } }", "ladders.l.video: is missing"),
        Arguments.of(
            "ladders: { l: { video: [ a ] } }",
            "ladders.l.video[0]: is a single value, where a section is expected"),
        Arguments.of(
            "ladders: { l: { video: [ { passthrough: true } ] } }",
            "ladders.l.video[0].name: is missing"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a } ] } }",
            "ladders.l.video[0].codec: is missing: an encoded rendition needs codec, height and bitrate"),
        Arguments.of(
            "ladders: { l: { segment: 1s, part: 1500ms, video: [ { name: a, passthrough: true } ] } }",
            "ladders.l.part: a part is no longer than its segment"),
        Arguments.of(
            "ladders: { l: { part: 50ms, video: [ { name: a, passthrough: true } ] } }",
            "is not a duration from 100ms to 2s (ms, s, m, h, d), or off"),
        Arguments.of(
            "ladders: { l: { video: [ { name: audio, passthrough: true } ] } }",
            "\"audio\" is the name of the audio rendition"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, passthrough: true }, { name: a, passthrough: true } ] } }",
            "ladders.l.video[1].name: a second rendition a: names are unique"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, passthrough: true }, { name: b, passthrough: true } ] } }",
            "ladders.l.video[1]: a second passthrough rendition"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, passthrough: true, height: 360 } ] } }",
            "ladders.l.video[0].height: a passthrough rendition is not encoded"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, codec: h264, height: 360, bitrate: 1M, preset: 10 } ] } }",
            "\"10\" is not a preset: x264, which encodes h264, has one of ultrafast"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, codec: av1, height: 360, bitrate: 1M, preset: 14 } ] } }",
            "\"14\" is not a preset: svt-av1, which encodes av1, has 0 (slowest) to 13 (fastest)"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, codec: h265, height: 360, bitrate: 1M } ] } }",
            "\"h265\" is not one of h264, hevc, av1, vp9"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, codec: av1, height: 360, bitrate: 1M, fps: 30/0 } ] } }",
            "\"30/0\" is not a frame rate"),
        Arguments.of(
            "ladders: { l: { audio: [ { codec: opus, loudness: -9 } ], video: [ { name: a, passthrough: true } ] } }",
            "ladders.l.audio[0].loudness: \"-9\" is not a loudness from -36 to -10 (LUFS)"),
        Arguments.of(
            "ladders: { l: { audio: [ { passthrough: true, loudness: -23 } ], video: [ { name: a, passthrough: true } ] } }",
            "ladders.l.audio[0].loudness: a passthrough rendition is not encoded"),
        Arguments.of(
            rung("codec: av1, encoder: x264"), "video[0].encoder: x264 does not encode av1"),
        Arguments.of(
            rung("codec: h264, fallback: software"), "video[0].fallback: x264 is software"),
        Arguments.of(
            rung("codec: h264, crf: 20"), "video[0].crf: is the quality of rate: capped-crf"),
        Arguments.of(rung("codec: h264, vmaf: 93"), "video[0].vmaf: is what the quality of rate"),
        Arguments.of(
            rung("codec: h264, rate: capped-crf, vmaf: 93"), "video[0].vmaf: needs transcode.vmaf"),
        Arguments.of(rung("codec: h264, rate: capped-crf, vmaf: 99"), "video[0].vmaf: \"99\""),
        Arguments.of(
            rung("codec: h264, rate: capped-crf, crf: 60"),
            "video[0].crf: x264 has qualities from 0"),
        Arguments.of(
            rung("codec: hevc, encoder: nvenc, rate: capped-crf"),
            "video[0].rate: nvenc has no capped-crf"),
        Arguments.of(
            rung("codec: av1, rate: vbr"), "video[0].rate: svt-av1 has vbr with profile: quality"),
        Arguments.of(rung("codec: h264, tune: perceptual"), "video[0].tune: x264 has no such tune"),
        Arguments.of(
            rung("codec: av1, tune: perceptual"),
            "video[0].tune: perceptual goes with profile: quality only"),
        Arguments.of(rung("codec: vp9, bframes: 2"), "video[0].bframes: libvpx takes none"),
        Arguments.of(
            rung("codec: av1, profile: quality, bframes: 4"),
            "video[0].bframes: svt-av1 takes 3, 7 or 15"),
        Arguments.of(
            rung("codec: h264, bframes: 2, tune: low-delay"),
            "video[0].bframes: B-frames are delay"),
        Arguments.of(
            rung("codec: h264, encoder: vaapi, tune: screen"),
            "video[0].tune: vaapi has no such tune"),
        Arguments.of(rung("codec: h264, gop: 3s"), "video[0].gop: every segment begins with a key"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, passthrough: true, tune: screen } ] } }",
            "ladders.l.video[0].tune: a passthrough rendition is not encoded"),
        Arguments.of(
            "ladders: { l: { audio: [ { passthrough: true, bitrate: 96k } ], video: [ { name: a, passthrough: true } ] } }",
            "ladders.l.audio[0].bitrate: a passthrough rendition is not encoded"),
        Arguments.of(
            "ladders: { l: { video: [ { name: a, passthrough: true } ], budget: { shed: [ b ] } } }",
            "there is no rendition \"b\" in this ladder"),
        Arguments.of(
            "ladders: { Über: { video: [ { name: a, passthrough: true } ] } }",
            "ladders: \"Über\" is not a name"),
        Arguments.of("a: [", "FILE:1:5: not YAML: "),
        Arguments.of("- a", "FILE:1:1: is a list, not a configuration"),
        Arguments.of(
            "log: ${secret:x}", "FILE:1:6: log: is a single value, where a section is expected"),
        Arguments.of("data: { dir: \"${secret:x}\" }", "data.dir: ${secret:…} cannot be resolved"));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void errorsSayWhereAndWhatTheRuleIs(String yaml, String expected) {
    assertThat(lines(failure(yaml))).anySatisfy(line -> assertThat(line).contains(expected));
  }

  @Test
  void everyErrorIsReportedAtOnceInTheOrderOfTheFile() {
    ConfigException failure =
        failure("listen: { rtmp: x }\nlog: { level: y }\nfoo: 1\nlimits: { publishers: 0 }\n");
    assertThat(failure.problems()).extracting(p -> p.where().line()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void aPlainKeyWhereAHashBelongsIsNotRepeated() {
    ConfigException failure =
        failure("streams: { 'a/b': { publish: { keys: [ hunter2hunter2 ] } } }");
    assertThat(failure.getMessage())
        .contains("streams.a/b.publish.keys[0]: the value is not an Argon2id hash")
        .doesNotContain("hunter2");
  }

  @Test
  void pushTargetsAreUrlsOrHaveTheirKeysInFiles() throws IOException {
    Path key = Files.writeString(dir.resolve("youtube.key"), "abcd-efgh\n");
    ConfigLoader.Loaded loaded =
        load(
            """
            streams:
              "a/b":
                push:
                  - rtmp://example.net/app/inst/key?auth=1
                  - { url: "rtmps://a.rtmps.example/live2/", key_file: "%s", enhanced: always }
                  - { url: "rtmps://[::1]:444/{app}/{name}", pins: [ "%s" ] }
            """
                .formatted(key, "AB:".repeat(31) + "CD"));
    assertThat(loaded.warnings()).isEmpty();
    StreamKey stream = new StreamKey("a", "b");
    List<PushTarget> targets = loaded.config().policyFor(stream).push();
    PushTarget.Trust platform = new PushTarget.Trust(null, List.of());
    assertThat(targets.stream().map(target -> target.at(stream)))
        .containsExactly(
            new PushTarget(
                false,
                "example.net",
                1935,
                "app/inst",
                new PushKey("key?auth=1"),
                platform,
                PushTarget.Enhanced.AUTO),
            new PushTarget(
                true,
                "a.rtmps.example",
                443,
                "live2",
                new PushKey("abcd-efgh"),
                platform,
                PushTarget.Enhanced.ALWAYS),
            new PushTarget(
                true,
                "::1",
                444,
                "a",
                new PushKey("b"),
                new PushTarget.Trust(null, List.of("AB:".repeat(31) + "CD")),
                PushTarget.Enhanced.AUTO));
    assertThat(targets).extracting(PushTarget::place).contains("rtmps://a.rtmps.example/live2");
    assertThat(targets.toString()).doesNotContain("abcd").doesNotContain("auth");
  }

  @Test
  void aPlaceThatEveryStreamOfAPatternIsPushedToIsDoubted() throws IOException {
    assertThat(
            load("streams: { 'live/*': { push: [ 'rtmp://h.example/app/key' ] } }")
                .warnings()
                .stream()
                .map(this::line))
        .containsExactly(
            "FILE:1: streams.live/*.push[0].url: is the same place for every stream of the pattern,"
                + " and takes one at a time: {name} stands for the stream's name");
    assertThat(
            load("streams: { 'live/*': { push: [ 'rtmp://h.example/app/{name}' ] } }").warnings())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://h.example/app/hunter2",
        "srt://h.example:9000/app/hunter2",
        "rtmp://user:hunter2@h.example/app/key",
        "rtmp://h.example/app/hunter2#x",
        "rtmp:///app/hunter2",
        "rtmp://h.example:99999/app/hunter2",
        "rtmp://h.example//hunter2"
      })
  void whatIsNoPushUrlIsRefusedWithoutItsKey(String url) {
    ConfigException failure = failure("streams: { 'a/b': {\n push: [ '" + url + "' ] } }");
    assertThat(lines(failure))
        .singleElement()
        .asString()
        .startsWith("FILE:2:10: streams.a/b.push[0]: the value is not an rtmp:// or rtmps:// URL")
        .doesNotContain("hunter2");
  }

  static Stream<Arguments> wrongPushes() {
    return Stream.of(
        Arguments.of("{ key_file: a }", "push[0].url: is missing: where to"),
        Arguments.of("{ url: 'rtmp://h/app' }", "push[0].url: has no stream key"),
        Arguments.of(
            "{ url: 'rtmp://h/app', key_file: KEY, ca: KEY }", "push[0].ca: is for an rtmps"),
        Arguments.of(
            "{ url: 'rtmps://h/app', key_file: KEY, ca: KEY, pins: [ 'PIN' ] }",
            "push[0].ca: means nothing beside pins"),
        Arguments.of(
            "{ url: 'rtmp://h/app?x=1', key_file: KEY }", "push[0].url: beside key_file it ends"),
        Arguments.of(
            "{ url: 'rtmp://h/app', key_file: gone }", "push[0].key_file: \"gone\": no such"),
        Arguments.of("{ url: 'rtmp://h/app', key_file: BLANK }", "push[0].key_file: holds no key"),
        Arguments.of("'rtmp://h/app/a', 'rtmp://h:1935/app/a'", "push[1].url: is there already"),
        Arguments.of(
            "'rtmp://localhost/live/x'", "push[0].url: is this server and a stream of the"),
        Arguments.of("'rtmps://127.0.0.1:1936/{app}/{name}'", "push[0].url: is this server"),
        Arguments.of(
            "{ url: 'rtmp://h/a/k', enhanced: sometimes }", "push[0].enhanced: \"sometimes\""));
  }

  @ParameterizedTest
  @MethodSource("wrongPushes")
  void errorsOfPushTargetsSayWhereAndWhatTheRuleIs(String items, String expected)
      throws IOException {
    Path key = Files.writeString(dir.resolve("a.key"), "hunter2");
    Path blank = Files.writeString(dir.resolve("blank.key"), " \n");
    String filled =
        items
            .replace("KEY", "'" + key + "'")
            .replace("BLANK", "'" + blank + "'")
            .replace("PIN", "AB:".repeat(31) + "CD");
    assertThat(lines(failure("streams: { 'live/*': { push: [ " + filled + " ] } }")))
        .anySatisfy(line -> assertThat(line).startsWith("FILE:1:").contains(expected))
        .noneSatisfy(line -> assertThat(line).contains("hunter2"));
  }

  @Test
  void aStreamMayBePushedToThisServerUnderAnotherName() throws IOException {
    assertThat(
            load("streams: { 'live/a': { push: [ 'rtmp://localhost/live/copy' ] }, 'live/*': {} }")
                .warnings())
        .isEmpty();
  }

  @Test
  void certificatesComeOneByOneAndInAList() throws IOException {
    Path certificate = Files.createFile(dir.resolve("c.pem"));
    Path key = Files.createFile(dir.resolve("k.pem"));
    Tls tls =
        load("""
                tls:
                  certificate: %1$s
                  key: %2$s
                  engine: conscrypt
                  early_data: false
                  ticket_keys_file: tickets.keys
                  certificates:
                    - { certificate: %1$s, key: %2$s }
                    - { certificate: %1$s, key: %2$s, names: [a.example, "*.b.example"] }
                """
                .formatted(certificate, key))
            .config()
            .tls();
    assertThat(tls.certificates())
        .containsExactly(
            new Tls.Certificate(certificate, key, Set.of(), null),
            new Tls.Certificate(certificate, key, Set.of(), null),
            new Tls.Certificate(certificate, key, Set.of("a.example", "*.b.example"), null));
    assertThat(tls.engine()).isEqualTo(Tls.Engine.CONSCRYPT);
    assertThat(tls.earlyData()).isFalse();
    assertThat(tls.ticketKeysFile()).isEqualTo(Path.of("tickets.keys"));

    ConfigException failure =
        failure("tls: { certificates: [ { certificate: /nowhere/c.pem, names: [\"a b\"] } ] }");
    assertThat(lines(failure))
        .anySatisfy(line -> assertThat(line).contains("tls.certificates[0].key: is missing"))
        .anySatisfy(line -> assertThat(line).contains("tls.certificates[0].names[0]: "))
        .anySatisfy(
            line ->
                assertThat(line)
                    .contains("tls.certificates[0].certificate: \"/nowhere/c.pem\": no such file"));
  }

  @Test
  void aWindowOnDiskHasASizeAndIsNotForWhatIsEncrypted() throws IOException {
    StreamPolicy policy =
        load("streams: { 'a/b': { dvr: 30m, dvr_max_size: 1GiB } }")
            .config()
            .policyFor(new StreamKey("a", "b"));
    assertThat(policy.dvr()).isEqualTo(new DvrPolicy(Duration.ofMinutes(30), 1L << 30));
    assertThat(lines(failure("streams: { 'a/b': { dvr_max_size: 1GiB } }")))
        .containsExactly("FILE:1:35: streams.a/b.dvr_max_size: keeps nothing without dvr");
    assertThat(lines(failure("streams: { 'a/b': { dvr: 1h, protect: { scheme: cenc } } }")))
        .containsExactly(
            "FILE:1:49: streams.a/b.protect.scheme: what is kept on disk would outlive its keys:"
                + " take dvr out of this rule");
  }

  @Test
  void inputsOfAStreamAreReadAndTheirRulesKept() throws IOException {
    StreamPolicy policy =
        load("""
                streams:
                  "a/b":
                    publish: { on_conflict: backup, passphrase: "0123456789" }
                    failover: { after: 500ms, return_after: 0s, black: 5s }
                    on_signal_loss: { hold: 2s, then: slate, end_after: 1m }
                    pull: [ "srt://127.0.0.1:9000?streamid=x", "srt://127.0.0.1:9001" ]
                """)
            .config()
            .policyFor(new StreamKey("a", "b"));
    assertThat(policy.onConflict()).isEqualTo(StreamPolicy.OnConflict.BACKUP);
    assertThat(policy.passphrase()).isEqualTo(new Passphrase("0123456789"));
    assertThat(policy.failover())
        .isEqualTo(
            new Failover(
                Duration.ofMillis(500),
                Duration.ZERO,
                Duration.ZERO,
                Duration.ofSeconds(5),
                Duration.ZERO));
    assertThat(policy.signalLoss())
        .isEqualTo(
            new SignalLoss(
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                SignalLoss.Then.SLATE,
                null,
                Duration.ofMinutes(1)));
    assertThat(policy.pull()).hasSize(2);
  }

  @Test
  void aPassphraseIsNeverShown() {
    List<String> lines = lines(failure("streams: { 'a/b': { publish: { passphrase: hunter2 } } }"));
    assertThat(lines).singleElement().asString().contains("10 to 79").doesNotContain("hunter2");
    assertThat(new Passphrase("hunter2hunter2").toString()).doesNotContain("hunter2");
  }

  @Test
  void aPatternCannotPull() {
    assertThat(lines(failure("streams: { 'a/*': { pull: [ 'srt://127.0.0.1:9000' ] } }")))
        .singleElement()
        .asString()
        .contains("one stream");
  }

  @Test
  void setGoesOverTheFileAndIsCheckedTheSameWay() throws IOException {
    Path file = write("listen: { rtmp: ':1' }\nstreams: { 'live/*': { grace: 1s } }\n");
    Config config =
        ConfigLoader.load(
                file,
                List.of(
                    "listen.rtmp=127.0.0.1:0",
                    "listen.rtmp=:7",
                    "streams.live/*.grace=9s",
                    "streams.\"live/a.b\".window=40s",
                    "ladders.standard.video[1].bitrate=900k",
                    "ladders.extra.video=[{ name: source, passthrough: true }]"))
            .config();
    assertThat(config.listen().rtmp()).isEqualTo(new Endpoint("", 7));
    assertThat(config.policyFor(new StreamKey("live", "x")).grace())
        .isEqualTo(Duration.ofSeconds(9));
    assertThat(config.streams().get(1).pattern()).hasToString("live/a.b");
    assertThat(((Video.Encoded) standard(config).video().get(1)).bitrateBps()).isEqualTo(900_000);
    assertThat(config.ladders()).containsKey("extra");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen.rtmp=1935 | --set: listen.rtmp: \"1935\" is not HOST:PORT",
        "listen.rtpm=:1 | --set: listen.rtpm: unknown key; did you mean listen.rtmp?",
        "nonsense | --set: nonsense: is not a.b.c=value",
        "=x | --set: is not a.b.c=value",
        "a..b=x | --set: a..b: is not a.b.c=value",
        "listen.=x | --set: listen.: is not a.b.c=value",
        "ladders.standard.video[9].name=x | there is no item [9]",
        "log=x | --set: log: is a single value, where a section is expected",
        "data.dir=${secret:x} | --set: data.dir: ${secret:…} cannot be resolved",
      })
  void wrongSetsSayWhatIsWrong(String set, String expected) {
    ConfigException failure =
        Objects.requireNonNull(
            catchThrowableOfType(
                ConfigException.class, () -> ConfigLoader.load(null, List.of(set))));
    assertThat(failure.getMessage()).contains(expected);
  }

  @Test
  void aMissingFileIsNamed() {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> ConfigLoader.load(dir.resolve("no.yaml"), List.of()))
        .withMessageEndingWith("no.yaml: no such file");
  }

  @Test
  void anEmptyFileIsTheDefaults() throws IOException {
    assertThat(load("# nothing yet\n").config()).isEqualTo(Config.defaults());
    assertThat(load("listen:\nstreams:\nladders:\n").config()).isEqualTo(Config.defaults());
  }

  @ParameterizedTest
  @CsvSource({
    "live/*, live, a, true",
    "live/*, live, '', true",
    "live/*, other, a, false",
    "*/*, x, y, true",
    "live/a*b*c, live, aXbYbZc, true",
    "live/a*b*c, live, aXbYbZ, false",
    "live/a, live, ab, false",
    "live/*a, live, aab, false",
    "live/**, live, a, true",
  })
  void patternsMatchPartByPart(String pattern, String app, String name, boolean matches) {
    StreamPattern parsed = ValueTypes.streamPattern().reader().read(pattern);
    assertThat(parsed.matches(new StreamKey(app, name))).isEqualTo(matches);
  }

  @Test
  void streamsThatNoPatternTakesAreRefusedWhenTheOperatorSaysSo() throws IOException {
    String streams = "streams: { 'live/cam-*': {}, 'news/*': {} }\n";
    Config strict = load("publish: { unlisted: refuse }\n" + streams).config();
    assertThat(strict.takes(new StreamKey("live", "cam-1"))).isTrue();
    assertThat(strict.takes(new StreamKey("news", "noon"))).isTrue();
    assertThat(strict.takes(new StreamKey("live", "studio"))).isFalse();
    assertThat(load(streams).config().takes(new StreamKey("live", "studio"))).isTrue();
  }

  private static Video encoded(String name, VideoCodec codec, int heightPx, long bitrateBps) {
    return new Video.Encoded(
        name, codec, heightPx, bitrateBps, null, Profile.FAST, null, EncoderOptions.DEFAULT, false);
  }

  private static String rung(String keys) {
    return "ladders: { l: { video: [ { name: a, height: 360, bitrate: 1M, " + keys + " } ] } }";
  }

  @Test
  void aRungHasEveryOption() throws IOException {
    Config config =
        load("""
                ladders:
                  l:
                    hdr: passthrough
                    upscale: clamp
                    audio: [ { codec: opus, bitrate: 64k, loudness: -16.5 } ]
                    video:
                      - { name: a, codec: hevc, height: 360, bitrate: 1M, preset: p5, encoder: nvenc,
                          fallback: software, rate: vbr, gop: 1s, bframes: 1 }
                      - { name: b, codec: vp9, height: 360, bitrate: 1M, rate: capped-crf, crf: 30,
                          tune: screen }
                      - { name: c, codec: av1, height: 360, bitrate: 1M, encoder: libaom, preset: 7,
                          tune: film-grain }
                """)
            .config();
    LadderConfig ladder = Objects.requireNonNull(config.ladders().get("l"));
    assertThat(ladder.hdr()).isEqualTo(Ladder.HdrMode.PASSTHROUGH);
    assertThat(ladder.upscale()).isEqualTo(Ladder.Upscale.CLAMP);
    assertThat(ladder.audio()).isEqualTo(new Audio.Encoded(AudioCodec.OPUS, 64_000, -16.5));
    assertThat(ladder.video())
        .extracting(video -> ((Video.Encoded) video).options())
        .containsExactly(
            new EncoderOptions(
                Engine.NVENC, Fallback.SOFTWARE, RateMode.VBR, -1, 1, 1000, Tune.NONE, -1),
            EncoderOptions.DEFAULT.withRate(RateMode.CAPPED_CRF, 30).withTune(Tune.SCREEN),
            EncoderOptions.DEFAULT
                .withEngine(Engine.LIBAOM, Fallback.FAIL)
                .withTune(Tune.FILM_GRAIN));
  }

  private static LadderConfig standard(Config config) {
    return Objects.requireNonNull(config.ladders().get("standard"));
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(dir.resolve("millrace.yaml"), yaml);
  }

  private ConfigLoader.Loaded load(String yaml) throws IOException {
    return ConfigLoader.load(write(yaml), List.of());
  }

  private ConfigException failure(String yaml) {
    return Objects.requireNonNull(
        catchThrowableOfType(ConfigException.class, () -> load(yaml)), "it was accepted");
  }

  private List<String> lines(ConfigException failure) {
    return failure.problems().stream().map(this::line).toList();
  }

  private String line(ConfigProblem problem) {
    return problem.toString().replace(dir.resolve("millrace.yaml").toString(), "FILE");
  }

  private static final String CONTRACT_EXAMPLE =
      """
      listen: { https: ":8443" }
      tls: { certificate: /nowhere/cert.pem, key: /nowhere/key.pem, early_data: true }

      streams:
        "live/*":
          publish: { keys: ["%s"], on_conflict: takeover }
          play: { tokens: none }            # none | required
          ladder: standard
          dvr: 30m
          on_signal_loss: { hold: 2s, then: slate, end_after: 30s }
          record: { to: recordings/ }
          push: ["rtmp://example.net/app/${secret:twitch_key}"]

      ladders:
        standard:
          segment: 2s
          part: 200ms
          video:                             # in the order that a viewer would want them kept
            - { name: source, passthrough: true }
            - { name: 360p, codec: h264, height: 360, bitrate: 700k }
            - { name: 720p, codec: h264, height: 720, bitrate: 2500k, preset: veryfast }
            - { name: av1-720p, codec: av1, height: 720, bitrate: 1500k, preset: 10, when: watched }
          audio: [ { codec: aac, bitrate: 128k } ]
          budget: { cpu: 80%%, shed: [av1-720p, 720p] }
      """
          .formatted(HASH);

  private static final String PASSTHROUGH =
      "ladders: { l: { part: off, video: [ { name: a, passthrough: true } ] } }\n";

  @Test
  void protectionIsReadWithItsKeys() throws IOException {
    ProtectionConfig own =
        load(PASSTHROUGH
                + "streams: { a/b: { ladder: l, protect: { scheme: aes-128, rotate: 10m,"
                + " base_url: \"https://tv.example/\" } } }")
            .config()
            .policyFor(new StreamKey("a", "b"))
            .protection();
    assertThat(own)
        .isEqualTo(
            new ProtectionConfig(
                Scheme.AES_128, Duration.ofMinutes(10), null, List.of(), "https://tv.example"));
    ProtectionConfig server =
        load("streams: { a/b: { protect: { scheme: cbcs, keys: cpix, key_server:"
                + " \"https://u:secret@keys.example/cpix\", systems:"
                + " [ edef8ba9-79d6-4ace-a3c8-27dcd51d21ed ] } } }")
            .config()
            .policyFor(new StreamKey("a", "b"))
            .protection();
    assertThat(server.keyServer()).hasHost("keys.example");
    assertThat(server.systems()).hasSize(1);
    assertThat(server.toString()).doesNotContain("secret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "scheme: aes-128                                  | excludes low-latency parts",
        "scheme: cbcs, keys: cpix                         | needs protect.key_server",
        "scheme: cbcs, key_server: \"https://k.example\"   | set protect.keys to cpix",
        "scheme: cbcs, rotate: 5s                         | shorter than three segments",
        "rotate: 10m                                      | protect.scheme is off",
        "scheme: cbcs, keys: cpix, key_server: \"ftp://k\" | an https:// or http:// URL",
        "scheme: cbcs }, record: { to: recordings        | a recording would be encrypted"
      })
  void protectionThatCannotWorkIsRefused(String protect, String rule) {
    assertThatExceptionOfType(ConfigException.class)
        .isThrownBy(() -> load("streams: { a/b: { protect: { " + protect + " } } }"))
        .withMessageContaining(rule);
  }
}
