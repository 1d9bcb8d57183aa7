package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * ffmpeg publishes, the server is killed in the middle: what was recorded decodes without a
 * complaint, the next start closes it, and a recording that ends in good order has an index.
 */
class RecordingTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** Four seconds of two tracks in parts of 200 ms. */
  private static final int FRAGMENTS = 40;

  @TempDir Path folder;

  @Test
  void aKilledServerLeavesRecordingsThatPlayAndTheNextStartClosesThem() {
    Tool ffprobe = Tool.require("ffprobe");
    Tool ffmpeg = Tool.require("ffmpeg");
    Path recordings = folder.resolve("recordings");
    String record = "record: { to: \"" + recordings + "\", format: ";
    String ladder = RunningServer.PASSTHROUGH.replace("segment: 2s", "segment: 1s");
    Path killed;
    try (RunningServer server =
        RunningServer.start(folder.resolve("server"), ladder, record + "fmp4 }")) {
      try (Program publisher = publish(server)) {
        killed =
            Await.value(
                "four seconds of recording",
                LIMIT,
                () ->
                    file(recordings)
                        .filter(
                            file ->
                                Recorded.boxes(file).stream().filter("mdat"::equals).count()
                                    >= FRAGMENTS));
        server.kill();
        publisher.kill();
      }
      double whileOpen = seconds(ffprobe, killed);
      assertThat(whileOpen).isGreaterThan(3.5);
      Recorded.decodes(ffmpeg, killed.toString());
      assertThat(Recorded.boxes(killed)).doesNotContain("mfra");

      try (RunningServer next = server.killAndRestart(ladder, record + "hls }")) {
        Await.until(
            "the recording is closed", LIMIT, () -> Recorded.boxes(killed).contains("mfra"));
        assertThat(seconds(ffprobe, killed)).isGreaterThanOrEqualTo(whileOpen);
        assertThat(duration(ffprobe, killed)).as("as its index says").isBetween(3.9, 60.0);
        Recorded.decodes(ffmpeg, killed.toString());

        try (Program publisher = publish(next)) {
          Path playlist =
              Await.value(
                  "three entries of a tree",
                  LIMIT,
                  () -> playlist(recordings).filter(file -> entries(file) >= 3));
          assertThat(text(playlist)).contains("EVENT").doesNotContain("ENDLIST");
          publisher.kill();
          next.close();
          assertThat(text(playlist)).endsWith("#EXT-X-ENDLIST\n");
          Path master = playlist.getParent().getParent().resolve("master.m3u8");
          Recorded.decodes(ffmpeg, master.toString());
          assertThat(streams(ffprobe, master)).contains("video", "audio");
        }
      }
    }
  }

  private static Program publish(RunningServer server) {
    return Publisher.ffmpegEncode(
        Publisher.testPicture(320, 180, 30), Publisher.h264(15, 300), server.rtmp("/live/rec"));
  }

  private static Optional<Path> file(Path recordings) {
    return Recorded.files(recordings.resolve("live/rec"), ".mp4").stream().findFirst();
  }

  private static Optional<Path> playlist(Path recordings) {
    return Recorded.files(recordings.resolve("live/rec"), "source/media.m3u8").stream().findFirst();
  }

  private static long entries(Path playlist) {
    return text(playlist).lines().filter(line -> line.startsWith("#EXTINF")).count();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Of the pictures that are in it, whatever it says of itself. */
  private static double seconds(Tool ffprobe, Path file) {
    String times =
        Program.run(
                ffprobe.with(
                    "-v",
                    "quiet",
                    "-select_streams",
                    "v",
                    "-show_entries",
                    "packet=pts_time",
                    "-of",
                    "csv=p=0",
                    file.toString()),
                LIMIT)
            .text();
    return times
        .lines()
        .map(line -> line.replace(",", ""))
        .filter(line -> line.matches("[0-9.]+"))
        .mapToDouble(Double::parseDouble)
        .max()
        .orElse(0);
  }

  private static double duration(Tool ffprobe, Path file) {
    String text =
        Program.run(
                ffprobe.with(
                    "-v",
                    "error",
                    "-show_entries",
                    "format=duration",
                    "-of",
                    "csv=p=0",
                    file.toString()),
                LIMIT)
            .orFail("ffprobe")
            .text();
    return Double.parseDouble(text.strip());
  }

  private static String streams(Tool ffprobe, Path file) {
    return Program.run(
            ffprobe.with(
                "-v",
                "error",
                "-show_entries",
                "stream=codec_type",
                "-of",
                "csv=p=0",
                file.toString()),
            LIMIT)
        .orFail("ffprobe")
        .text();
  }
}
