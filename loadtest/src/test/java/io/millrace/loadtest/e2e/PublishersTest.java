package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs that broadcasters use, each into a picture that decodes. */
class PublishersTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir Path folder;

  @Test
  void ffmpegOverTls() {
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.testPicture(320, 180, 30),
                Publisher.h264(30, 300),
                server.rtmps("/live/tls"))) {
      survives(server, "tls", publisher, 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rtmp2sink", "rtmpsink"})
  void gstreamer(String sink) {
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH);
        Program publisher = Publisher.gstreamer(sink, server.rtmp("/live/gst"))) {
      survives(server, "gst", publisher, 4);
    }
  }

  @Test
  void obsStudio() throws IOException {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    Path clip =
        ffmpeg.make(
            "clip.flv",
            List.of(
                "-f",
                "lavfi",
                "-i",
                "testsrc2=s=320x180:r=30:d=10",
                "-f",
                "lavfi",
                "-i",
                "sine=d=10",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac"));
    Path home =
        Files.createDirectory(
            folder.resolve("home"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (RunningServer server = RunningServer.start(folder, RunningServer.PASSTHROUGH)) {
      URI app = server.rtmp("/live");
      try (Program publisher = Publisher.obs(app, "obs", clip, home)) {
        survives(server, "obs", publisher, 3);
      }
    }
  }

  private void survives(RunningServer server, String name, Program publisher, int segments) {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    HlsClient stream = server.hls(name);
    try {
      stream.fedBy(publisher).awaitVariants(1, LIMIT).record(segments, LIMIT);
    } catch (AssertionError e) {
      throw new AssertionError(
          e.getMessage() + "\n" + server.log() + "\n" + publisher.logText(), e);
    }
    assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
    assertThat(stream.audioTrack()).isPresent();
    for (HlsClient.Track track : stream.tracks()) {
      assertThat(ffmpeg.decode(track)).isEmpty();
    }
    assertThat(publisher.isAlive()).as(publisher.logText()).isTrue();
  }
}
