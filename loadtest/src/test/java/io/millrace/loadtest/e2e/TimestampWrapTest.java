package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pushes that start some seconds before a timestamp field of theirs is full, played through it: to
 * the viewer nothing happens.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TimestampWrapTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long BEFORE_MS = 4_000;

  /** From here on a chunk has an extended timestamp (RTMP 1.0 §5.3.1.3). */
  private static final long EXTENDED_MS = 0xFF_FFFF;

  /** Timestamps are 32 bits of milliseconds (RTMP 1.0 §3). */
  private static final long RTMP_MS = 1L << 32;

  /** And 33 bits of 1/90 000 s in MPEG-TS (ISO/IEC 13818-1 §2.4.3.7). */
  private static final long TS_MS = (1L << 33) / 90;

  private final List<Program> programs = new ArrayList<>();
  private final List<ClipPublisher> publishers = new ArrayList<>();
  private Ffmpeg ffmpeg;
  private Loops loops;
  private RunningServer server;

  @BeforeAll
  void publish(@TempDir Path folder) throws Exception {
    ffmpeg = Ffmpeg.require(folder);
    Path clip = clip("clip.flv");
    server = RunningServer.start(folder, RunningServer.PASSTHROUGH, "window: 60s");
    loops = Loops.open(1, "publisher");
    publishAt(clip, "rtmp-24-bits", EXTENDED_MS - BEFORE_MS);
    publishAt(clip, "rtmp-32-bits", RTMP_MS - BEFORE_MS);
    programs.add(
        Publisher.ffmpegLoop(
            clip,
            server.rtmp("/live/ffmpeg-24-bits"),
            folder.resolve("pushed.flv"),
            "-output_ts_offset",
            (EXTENDED_MS - BEFORE_MS) / 1000.0 + ""));
    // ffmpeg's multiplexer adds 1.4 s.
    double tsSeconds = (TS_MS - BEFORE_MS - 1400) / 1000.0;
    programs.add(
        Publisher.transportStream(
            ffmpeg.program(),
            clip,
            server.srt("publish:live/srt-33-bits"),
            "-output_ts_offset",
            tsSeconds + ""));
  }

  private Path clip(String name) {
    return ffmpeg.make(
        name,
        List.of(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=320x180:r=30:d=30",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=300:sample_rate=48000:d=30",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-bf",
            "2",
            "-g",
            "60",
            "-sc_threshold",
            "0",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-b:a",
            "64k"));
  }

  private void publishAt(Path clip, String name, long startMs) throws Exception {
    RtmpTarget target = RtmpTarget.parse(server.rtmp("/live/" + name).toString());
    publishers.add(
        ClipPublisher.start(loops, target, null, FlvClip.read(clip), startMs)
            .toCompletableFuture()
            .get(10, TimeUnit.SECONDS));
  }

  @AfterAll
  void stop() {
    programs.forEach(Program::close);
    publishers.forEach(publisher -> publisher.stop().toCompletableFuture().join());
    if (server != null) {
      server.close();
    }
    if (loops != null) {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"rtmp-24-bits", "rtmp-32-bits", "ffmpeg-24-bits", "srt-33-bits"})
  void playsThrough(String name) {
    HlsClient stream = server.hls(name).awaitVariants(1, LIMIT).record(5, LIMIT);

    assertThat(Conformance.check(stream)).as(server.log()).isEmpty();
    for (HlsClient.Track track : stream.tracks()) {
      assertThat(track.gaps()).as(track.name()).isEmpty();
      assertThat(track.discontinuities()).as(track.name()).isEmpty();
      assertThat(ffmpeg.decode(track)).isEmpty();
    }
    HlsClient.Track video = stream.videoTracks().getFirst();
    double seconds =
        video.segments().values().stream().mapToLong(f -> f.media().durationTicks()).sum()
            / (double) video.init().timescale();
    assertThat(seconds).as("played beyond the wrap").isGreaterThan(BEFORE_MS / 1000.0 + 3);
    TreeSet<Long> durations = new TreeSet<>();
    video
        .segments()
        .values()
        .forEach(f -> f.media().samples().forEach(s -> durations.add(s.durationTicks())));
    assertThat(durations).as("every frame lasts 1/30 s").containsExactly(12_000L);
  }
}
