package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.disk.SmallDisk;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that fills up under a stream with a DVR window: the operator is told, viewers at the live
 * edge notice nothing, and when there is room again the window grows by itself.
 */
class DvrFullDiskTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int DISK_KIB = 8 * 1024;
  private static final int ROOM_KIB = 300;
  private static final String LADDER =
      RunningServer.PASSTHROUGH.replace("segment: 2s", "segment: 1s\npart: 200ms");

  @TempDir Path folder;

  @Test
  void theStreamGoesOnWithoutADiskAndUsesItAgain() throws IOException {
    Ffmpeg.require(folder);
    Path mounted = Files.createDirectories(folder.resolve("disk"));
    try (SmallDisk disk = SmallDisk.mount(mounted, DISK_KIB);
        RunningServer server = RunningServer.start(disk.path(), LADDER, "dvr: 10m");
        Program publisher =
            Publisher.ffmpegEncode(
                Publisher.testPicture(320, 180, 30),
                Publisher.h264(15, 400),
                server.rtmp("/live/full"))) {
      HlsClient stream = server.hls("full").fedBy(publisher).awaitVariants(1, LIMIT);
      long freeKib = Files.getFileStore(disk.path()).getUsableSpace() / 1024;
      Path filler = disk.path().resolve("somebody-elses");
      Files.write(filler, new byte[(int) (freeKib - ROOM_KIB) * 1024]);
      await(server, "DVR cannot write to disk");
      assertThat(metric(server, "millrace_dvr_renditions_failing")).isPositive();

      long edge = open(server);
      Await.until("the live edge moves", LIMIT, () -> open(server) >= edge + 4);
      stream.record(2, LIMIT);
      assertThat(Conformance.check(stream)).as(server.log()).isEmpty();

      Files.delete(filler);
      await(server, "DVR writes to disk again");
      Await.until(
          "it is well", LIMIT, () -> metric(server, "millrace_dvr_renditions_failing") == 0);
      assertThat(metric(server, "millrace_dvr_segments_missing_total")).isPositive();
      double stored = metric(server, "millrace_dvr_bytes");
      Await.until("it grows", LIMIT, () -> metric(server, "millrace_dvr_bytes") > stored);
    }
  }

  private static void await(RunningServer server, String line) {
    Await.until("'" + line + "' in the log", LIMIT, () -> server.log().contains(line));
  }

  private static long open(RunningServer server) {
    URI uri = server.http("/live/full/source/media.m3u8");
    return HlsPlaylist.media(uri, Web.text(uri)).openSequence();
  }

  private static double metric(RunningServer server, String name) {
    return new String(Web.bytes(server.admin("/metrics")), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }
}
