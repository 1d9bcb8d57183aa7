package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ffmpeg pushes, as viewers get it: every rung, HLS and DASH, to the tick. */
class DeliveryTest {
  private static final double FRAME_SECONDS = 1.0 / 30;

  @TempDir Path folder;

  @Test
  void everyRungDecodesRungsAreAlignedAndSoundIsInSync() {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    try (RunningServer server = RunningServer.start(folder, RunningServer.LADDER);
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.FLASH_AND_BEEP, Publisher.h264(30, 300), server.rtmp("/live/sync"))) {
      HlsClient stream = server.hls("sync").awaitVariants(4, Duration.ofSeconds(40));
      stream.record(8, Duration.ofSeconds(60));

      assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
      assertThat(Conformance.common(stream)).hasSizeGreaterThanOrEqualTo(5);
      HlsClient.Track audio = stream.audioTrack().orElseThrow();
      assertThat(ffmpeg.decode(audio)).isEmpty();
      for (HlsClient.Track video : stream.videoTracks()) {
        assertThat(ffmpeg.decode(video)).isEmpty();
        long samples =
            video.segments().values().stream()
                .filter(fetched -> !fetched.entry().gap())
                .mapToLong(fetched -> fetched.media().samples().size())
                .sum();
        assertThat(ffmpeg.countFrames(video)).as(video.name()).isEqualTo(samples);
        List<Double> offsets = AvSync.offsets(video, audio, ffmpeg);
        assertThat(offsets).as(video.name()).hasSizeGreaterThan(8);
        assertThat(offsets)
            .as(video.name())
            .allSatisfy(offset -> assertThat(offset).isCloseTo(0, within(FRAME_SECONDS)));
      }
      assertThat(publisher.isAlive()).isTrue();
    }
  }

  @Test
  void dashShowsTheSameSegments() {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    try (RunningServer server = RunningServer.start(folder, RunningServer.LADDER);
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.testPicture(640, 360, 30),
                Publisher.h264(30, 500),
                server.rtmp("/live/dash"))) {
      HlsClient stream = server.hls("dash").awaitVariants(4, Duration.ofSeconds(40));
      stream.record(5, Duration.ofSeconds(60));
      DashManifest manifest = DashManifest.fetch(server.https("/live/dash/manifest.mpd"));

      assertThat(manifest.type()).isEqualTo("dynamic");
      assertThat(manifest.check()).as(server.log()).isEmpty();
      assertThat(manifest.representations()).hasSize(5);
      Instant now = Instant.parse(Web.text(manifest.utcTiming().orElseThrow()).strip());
      assertThat(Duration.between(now, Instant.now()).abs()).isLessThan(Duration.ofSeconds(2));
      List<DashManifest.Representation> videos =
          manifest.representations().stream().filter(DashManifest.Representation::isVideo).toList();
      List<Long> starts =
          videos.getFirst().segments().stream().map(DashManifest.Segment::timeTicks).toList();
      for (DashManifest.Representation video : videos) {
        assertThat(starts)
            .as(video.id())
            .containsAll(video.segments().stream().map(DashManifest.Segment::timeTicks).toList());
      }
      assertThat(ffmpeg.readLive(server.http("/live/dash/manifest.mpd"), Duration.ofSeconds(6)))
          .isEmpty();
      assertThat(ffmpeg.readLive(server.http("/live/dash/master.m3u8"), Duration.ofSeconds(6)))
          .isEmpty();
      assertThat(publisher.isAlive()).isTrue();
    }
  }

  @Test
  void codecQueryOrdersAndLeavesOut() {
    Tool.require("ffmpeg");
    try (RunningServer server = RunningServer.start(folder, RunningServer.LADDER);
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.testPicture(640, 360, 30),
                Publisher.h264(30, 500),
                server.rtmp("/live/codec"))) {
      server.hls("codec").awaitVariants(4, Duration.ofSeconds(40));
      assertThat(codecs(server, "")).hasSize(4).first().asString().startsWith("avc1");
      assertThat(codecs(server, "?codec=av1")).hasSize(4).first().asString().startsWith("av01");
      assertThat(codecs(server, "?betaCodecSuggestion=av1")).first().asString().startsWith("av01");
      assertThat(codecs(server, "?codec=h264"))
          .hasSize(2)
          .allMatch(codec -> codec.startsWith("avc1"));
      String h264 =
          new String(
              Web.bytes(server.http("/live/codec/manifest.mpd?codec=h264")),
              StandardCharsets.UTF_8);
      assertThat(h264).doesNotContain("av01").contains("avc1");
      assertThat(publisher.isAlive()).isTrue();
    }
  }

  private static List<String> codecs(RunningServer server, String query) {
    var uri = server.http("/live/codec/master.m3u8" + query);
    return HlsPlaylist.master(uri, Web.text(uri)).variants().stream()
        .map(variant -> variant.codecs().getFirst())
        .toList();
  }
}
