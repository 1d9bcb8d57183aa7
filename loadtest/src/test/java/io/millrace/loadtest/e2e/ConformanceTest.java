package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The checks themselves: they pass what another packager made well, and find what was broken by
 * hand.
 */
class ConformanceTest {
  @TempDir Path folder;
  private Ffmpeg ffmpeg;

  @BeforeEach
  void makeStream() throws Exception {
    ffmpeg = Ffmpeg.require(folder);
    ffmpeg.make(
        "media.m3u8",
        List.of(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x180:r=25:d=8",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-level",
            "3.0",
            "-bf",
            "0",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "50",
            "-f",
            "hls",
            "-hls_time",
            "2",
            "-hls_segment_type",
            "fmp4",
            "-hls_flags",
            "program_date_time",
            "-hls_list_size",
            "0",
            "-hls_fmp4_init_filename",
            "init.mp4"));
    Files.writeString(
        folder.resolve("master.m3u8"),
        """
        #EXTM3U
        #EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=320x180,CODECS="avc1.42c01e"
        media.m3u8
        """);
  }

  @Test
  void soundStreamPasses() {
    try (FileServer server = new FileServer(folder)) {
      HlsClient stream =
          new HlsClient(server.uri("master.m3u8")).recordToEnd(Duration.ofSeconds(10));
      assertThat(Conformance.check(stream)).isEmpty();
      HlsClient.Track video = stream.videoTracks().getFirst();
      assertThat(video.segments()).hasSize(4);
      assertThat(ffmpeg.decode(video)).isEmpty();
      assertThat(ffmpeg.countFrames(video)).isEqualTo(200);
      assertThat(ffmpeg.brightness(video)).hasSize(200);
    }
  }

  @Test
  void segmentInTheWrongPlaceIsFound() {
    try (FileServer server = new FileServer(folder)) {
      server.replace("media2.m4s", "media1.m4s");
      HlsClient stream =
          new HlsClient(server.uri("master.m3u8")).recordToEnd(Duration.ofSeconds(10));
      assertThat(Conformance.check(stream)).anyMatch(problem -> problem.contains("tfdt"));
    }
  }

  @Test
  void wrongCodecStringIsFound() throws Exception {
    Path master = folder.resolve("master.m3u8");
    Files.writeString(master, Files.readString(master).replace("avc1.42c01e", "avc1.640028"));
    try (FileServer server = new FileServer(folder)) {
      HlsClient stream =
          new HlsClient(server.uri("master.m3u8")).recordToEnd(Duration.ofSeconds(10));
      assertThat(Conformance.check(stream)).anyMatch(problem -> problem.contains("CODECS"));
    }
  }

  @Test
  void damagedPictureIsFound() throws Exception {
    Path segment = folder.resolve("media1.m4s");
    byte[] bytes = Files.readAllBytes(segment);
    for (int i = bytes.length / 2; i < bytes.length / 2 + 2000; i++) {
      bytes[i] ^= 0x5a;
    }
    Files.write(segment, bytes);
    try (FileServer server = new FileServer(folder)) {
      HlsClient stream =
          new HlsClient(server.uri("master.m3u8")).recordToEnd(Duration.ofSeconds(10));
      assertThat(ffmpeg.decode(stream.videoTracks().getFirst())).isNotEmpty();
    }
  }
}
