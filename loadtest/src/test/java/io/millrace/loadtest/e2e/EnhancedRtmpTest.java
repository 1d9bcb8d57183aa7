package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.browser.Browser;
import io.millrace.loadtest.browser.Browser.Codec;
import io.millrace.loadtest.browser.Browser.Player;
import io.millrace.loadtest.browser.Browser.Request;
import io.millrace.loadtest.browser.Playback;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * FFmpeg 8 pushes every codec of Enhanced RTMP, and several tracks at once; viewers get the pushed
 * access units, and Chromium plays them.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnhancedRtmpTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration LENGTH = Duration.ofSeconds(8);

  /** Of a play with changes of the track: two of them. */
  private static final Duration SWITCHED_LENGTH = Duration.ofSeconds(12);

  private static final int SEGMENTS = 4;
  private static final List<String> SMALL_PICTURE =
      List.of("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=20");
  private static final List<String> TONE =
      List.of("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:d=20");
  private static final List<String> H264 =
      List.of(
          "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "60", "-sc_threshold", "0");

  /** What is pushed. */
  private enum Push {
    HEVC_AAC("hvc1", "mp4a.40.2"),
    AV1_OPUS("av01", "opus"),
    VP9_OPUS("vp09", "opus"),
    H264_OPUS("avc1", "opus"),
    /** No browser plays MP3 in CMAF, so its viewers get AAC. */
    H264_MP3("avc1", "mp4a.40.2"),
    MULTITRACK("avc1", "mp4a.40.2");

    private final String video;
    private final String audio;

    Push(String video, String audio) {
      this.video = video;
      this.audio = audio;
    }

    String stream() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }

    private List<String> arguments() {
      List<String> arguments = new ArrayList<>();
      arguments.addAll(this == MULTITRACK ? bigPicture() : SMALL_PICTURE);
      arguments.addAll(TONE);
      arguments.addAll(
          switch (this) {
            case HEVC_AAC ->
                List.of(
                    "-c:v",
                    "libx265",
                    "-preset",
                    "ultrafast",
                    "-x265-params",
                    "log-level=error:keyint=60:min-keyint=60:scenecut=0:bframes=2:open-gop=0",
                    "-tag:v",
                    "hvc1",
                    "-c:a",
                    "aac");
            case AV1_OPUS ->
                List.of(
                    "-c:v",
                    "libsvtav1",
                    "-preset",
                    "12",
                    "-g",
                    "60",
                    "-svtav1-params",
                    "lp=1",
                    "-c:a",
                    "libopus");
            case VP9_OPUS ->
                // Not in real time: that gives pictures which are not shown, in superframes.
                List.of(
                    "-c:v",
                    "libvpx-vp9",
                    "-deadline",
                    "good",
                    "-cpu-used",
                    "5",
                    "-lag-in-frames",
                    "16",
                    "-auto-alt-ref",
                    "1",
                    "-g",
                    "60",
                    "-c:a",
                    "libopus");
            case H264_OPUS -> with(H264, "-c:a", "libopus");
            case H264_MP3 -> with(H264, "-c:a", "libmp3lame", "-ar", "44100");
            case MULTITRACK ->
                with(
                    H264,
                    "-filter_complex",
                    "[0:v]split[big][b];[b]scale=640:360[small]",
                    "-map",
                    "[big]",
                    "-map",
                    "[small]",
                    "-map",
                    "1:a",
                    "-map",
                    "2:a",
                    "-c:a",
                    "aac");
          });
      arguments.addAll(List.of("-pix_fmt", "yuv420p", "-b:a", "64k"));
      return arguments;
    }

    private static List<String> bigPicture() {
      return with(
          List.of("-f", "lavfi", "-i", "testsrc2=s=854x480:r=30:d=20"),
          "-f",
          "lavfi",
          "-i",
          "sine=frequency=880:sample_rate=48000:d=20");
    }

    private static List<String> with(List<String> first, String... more) {
      List<String> all = new ArrayList<>(first);
      all.addAll(List.of(more));
      return all;
    }
  }

  private final Map<Push, Program> publishers = new EnumMap<>(Push.class);
  private Path folder;
  private Ffmpeg installed;
  private Ffmpeg bundled;
  private RunningServer server;

  @BeforeAll
  void publish(@TempDir Path temporary) {
    folder = temporary;
    installed = Ffmpeg.require(folder);
    bundled = Ffmpeg.bundled(folder);
    Map<Push, Path> clips = new EnumMap<>(Push.class);
    for (Push push : Push.values()) {
      clips.put(push, bundled.make(push.stream() + ".mp4", push.arguments()));
    }
    server = RunningServer.start(folder, RunningServer.PASSTHROUGH, "window: 60s");
    clips.forEach(
        (push, clip) ->
            publishers.put(
                push,
                Publisher.enhancedRtmpLoop(
                    bundled.program(), clip, server.rtmp("/live/" + push.stream()), kept(push))));
  }

  private Path kept(Push push) {
    return folder.resolve(push.stream() + "-pushed.flv");
  }

  @AfterAll
  void stop() {
    publishers.values().forEach(Program::close);
    if (server != null) {
      server.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Push.class)
  void viewersGetThePushedAccessUnits(Push push) {
    Program publisher = publishers.get(push);
    HlsClient stream = server.hls(push.stream()).fedBy(publisher);
    try {
      stream.awaitVariants(1, LIMIT).record(SEGMENTS, LIMIT);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + server.log(), e);
    }

    assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
    for (HlsClient.Track track : stream.tracks()) {
      assertThat(installed.decode(track)).isEmpty();
      assertThat(track.init().codec()).startsWith(track.isVideo() ? push.video : push.audio);
      assertThat(track.gaps()).isEmpty();
    }
    bitForBit(push, stream);
    DashManifest manifest =
        DashManifest.fetch(server.https("/live/" + push.stream() + "/manifest.mpd"));
    assertThat(manifest.check()).isEmpty();
    assertThat(manifest.representations()).hasSize(stream.tracks().size());
    String path = "/live/" + push.stream() + "/";
    Duration time = Duration.ofSeconds(4);
    CompletableFuture<List<String>> dash =
        CompletableFuture.supplyAsync(
            () -> bundled.readLive(server.http(path + "manifest.mpd"), time));
    // FFmpeg 8 complains of what it has read by half of a variant that it then leaves out.
    assertThat(installed.readLive(server.http(path + "master.m3u8"), time)).isEmpty();
    assertThat(dash.join()).isEmpty();
    assertThat(publisher.isAlive()).as(publisher.logText()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "AV1_OPUS,  HLS,   master.m3u8",
    "VP9_OPUS,  SHAKA, manifest.mpd",
    "H264_OPUS, DASH,  manifest.mpd",
    "H264_MP3,  SHAKA, master.m3u8",
  })
  void chromiumPlays(Push push, Player player, String document) {
    Playback playback =
        Browser.require()
            .play(
                Request.of(
                    player,
                    server.https("/live/" + push.stream() + "/" + document),
                    Codec.AUTO,
                    LENGTH));

    playedOn(playback, LENGTH);
  }

  @ParameterizedTest
  @CsvSource({"HLS, master.m3u8", "SHAKA, manifest.mpd"})
  void playersSwitchBetweenThePushedTracks(Player player, String document) {
    Playback playback =
        Browser.require()
            .play(
                Request.of(
                        player,
                        server.https("/live/" + Push.MULTITRACK.stream() + "/" + document),
                        Codec.AUTO,
                        SWITCHED_LENGTH)
                    .switchingEvery(Duration.ofSeconds(4)));

    playedOn(playback, SWITCHED_LENGTH);
    assertThat(playback.sizes()).as(playback.json()).contains(360, 480);
  }

  private static void playedOn(Playback playback, Duration length) {
    assertThat(playback.errors()).as(playback.json()).isEmpty();
    // Another class runs beside this one: players that have the machine to themselves do not stop.
    assertThat(playback.longestStallMs()).as(playback.json()).isLessThan(1_000);
    assertThat(playback.playedSeconds()).as(playback.json()).isGreaterThan(length.toSeconds() - 2);
    assertThat(playback.decodedFrames())
        .as(playback.json())
        .isGreaterThan((int) (length.toSeconds() - 3) * 25);
  }

  /** Each rendition is a run of the access units of the track that it came from. */
  private void bitForBit(Push push, HlsClient stream) {
    List<String> videos = new ArrayList<>();
    List<String> audios = new ArrayList<>();
    for (HlsClient.Track track : stream.tracks()) {
      String rendition = track.name().substring(0, track.name().indexOf('/'));
      (track.isVideo() ? videos : audios).add(rendition);
      int index = (track.isVideo() ? videos : audios).size() - 1;
      if (push != Push.H264_MP3 || track.isVideo()) {
        String from = (track.isVideo() ? "v:" : "a:") + index;
        List<String> got = bundled.hashes(bundled.file(track), track.isVideo() ? "v:0" : "a:0");
        List<String> pushed = bundled.hashes(kept(push), from);
        assertThat(got).hasSizeGreaterThan(100);
        assertThat(Collections.indexOfSubList(pushed, got))
            .as("where %s lies in the pushed %s", rendition, from)
            .isNotNegative();
      }
    }
    boolean many = push == Push.MULTITRACK;
    assertThat(videos).isEqualTo(many ? List.of("source", "source-360p") : List.of("source"));
    assertThat(audios).isEqualTo(many ? List.of("audio", "audio-2") : List.of("audio"));
  }
}
