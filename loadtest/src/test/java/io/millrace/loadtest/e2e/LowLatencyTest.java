package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** What ffmpeg pushes, as low-latency players get it: part by part, byte for byte. */
@Isolated
class LowLatencyTest {
  private static final Duration FOLLOWED = Duration.ofSeconds(10);

  @TempDir Path folder;

  private static Program publish(RunningServer server, String name) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(640, 360, 30), Publisher.h264(30, 600), server.rtmp("/live/" + name));
  }

  @Test
  void partsComeByBlockingReloadsDeltasAndHints() {
    Tool.require("ffmpeg");
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
        Program publisher = publish(server, "parts")) {
      HlsClient stream = server.hls("parts").awaitVariants(1, Duration.ofSeconds(40));
      stream.record(8, Duration.ofSeconds(60)); // enough that a delta update leaves something out
      URI video = stream.videoTracks().getFirst().newest().entries().getFirst().uri();
      URI audio = stream.audioTrack().orElseThrow().newest().entries().getFirst().uri();
      CompletableFuture<LowLatencyClient> sound =
          CompletableFuture.supplyAsync(
              () -> new LowLatencyClient(audio.resolve("media.m3u8")).follow(FOLLOWED));
      LowLatencyClient picture = new LowLatencyClient(video.resolve("media.m3u8")).follow(FOLLOWED);
      for (LowLatencyClient client : new LowLatencyClient[] {picture, sound.join()}) {
        assertThat(client.problems()).as(server.log()).isEmpty();
        assertThat(client.newest().lowLatency().control())
            .containsEntry("CAN-BLOCK-RELOAD", "YES")
            .containsEntry("CAN-SKIP-DATERANGES", "YES")
            .containsKeys("CAN-SKIP-UNTIL", "PART-HOLD-BACK");
        assertThat(client.newest().lowLatency().reports()).hasSize(1);
        assertThat(client.reloads()).isGreaterThan(20);
        assertThat(client.deltas()).isGreaterThan(5);
        assertThat(client.hintsKept()).isGreaterThan(15);
        assertThat(client.segmentsCompared()).isGreaterThanOrEqualTo(4);
      }
      assertThat(publisher.isAlive()).isTrue();
    }
  }

  @Test
  void segmentIsSentWhileItGrows() throws IOException {
    Tool.require("ffmpeg");
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
        Program publisher = publish(server, "grows")) {
      server.hls("grows").record(2, Duration.ofSeconds(60));
      URI playlist = server.https("/live/grows/source/media.m3u8");
      HlsPlaylist.Media before = HlsPlaylist.media(playlist, Web.text(playlist));
      long open = before.openSequence() + 1; // its first part has just come when this is answered
      HlsPlaylist.Media begun = reload(playlist, open);
      URI segment = growing(server, playlist, begun);
      HttpResponse<InputStream> response = Web.stream(segment);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.headers().firstValue("content-length")).isEmpty();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      try (InputStream body = response.body()) {
        all.write(body.read());
        HlsPlaylist.Media meanwhile = HlsPlaylist.media(playlist, Web.text(playlist));
        assertThat(meanwhile.openSequence()).as("bytes came before the end").isEqualTo(open);
        body.transferTo(all);
      }
      assertThat(all.toByteArray()).isEqualTo(Web.bytes(segment));
      assertThat(publisher.isAlive()).isTrue();
    }
  }

  private static HlsPlaylist.Media reload(URI playlist, long sequence) {
    URI asked = playlist.resolve("media.m3u8?_HLS_msn=" + sequence + "&_HLS_part=0");
    return HlsPlaylist.media(asked, Web.text(asked));
  }

  /** The segment of which a playlist has parts, by the name that the manifest gives it. */
  private static URI growing(RunningServer server, URI playlist, HlsPlaylist.Media begun) {
    HlsPlaylist.Entry last = begun.entries().getLast();
    Matcher name = Pattern.compile("(.*-)(\\d+)(\\.m4s)").matcher(last.uri().getPath());
    assertThat(name.matches()).as(last.uri().getPath()).isTrue();
    String manifest =
        new String(Web.bytes(server.https("/live/grows/manifest.mpd")), StandardCharsets.UTF_8);
    assertThat(manifest).contains("availabilityTimeOffset=", "availabilityTimeComplete=\"false\"");
    long startTicks = Boxes.media(Web.bytes(last.uri())).endTicks();
    return playlist.resolve(name.group(1) + startTicks + name.group(3));
  }
}
