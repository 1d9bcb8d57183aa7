package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.loadtest.publish.ClipPublisher;
import io.millrace.loadtest.publish.FlvClip;
import io.millrace.transport.Loops;
import io.millrace.transport.rtmp.RtmpTarget;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Worker processes are killed and stopped where they are, and fed with what no encoder makes:
 * passthrough and the other stream notice nothing, and the rungs come back under their sequence
 * numbers.
 */
class WorkersTest {
  private static final int KILLS = Effort.of(1, 200);
  private static final int HANGS = Effort.of(1, 20);
  private static final int HOSTILE_CLIPS = Effort.of(2, 1000);
  private static final int HOSTILE_AT_ONCE = Effort.of(2, 4);
  private static final long SEED = 20_261_128;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static final String LADDER =
      """
      segment: 1s
      audio: [ { codec: aac, bitrate: 64k } ]
      video:
        - { name: source, passthrough: true }
        - { name: 90p, codec: h264, height: 90, bitrate: 100k }
      """;

  private static final String SETTINGS =
      "transcode: { isolation: process, hang_after: 4s, max_failures: 1000000 }\n";

  @TempDir Path folder;

  @Test
  void killedAndStoppedWorkersAreFollowedByOthersAndNobodyElseNotices() throws Exception {
    Path clip = clip(90);
    try (RunningServer server =
        RunningServer.start(folder, LADDER, Map.of("*/*", List.of()), SETTINGS)) {
      try (Program first = publish(server, clip, "a");
          Program second = publish(server, clip, "b")) {
        awaitMedia(server, "a", -1);
        awaitMedia(server, "b", -1);
        HlsClient viewer = server.hls("a").fedBy(first);
        viewer.awaitVariants(2, LIMIT);
        long otherWorker = pid(server, "b");
        List<Long> memory = new ArrayList<>();
        for (int i = 0; i < KILLS + HANGS; i++) {
          long worker = pid(server, "a");
          signal(worker, i % ((KILLS + HANGS) / HANGS) == 0 ? "-STOP" : "-KILL");
          awaitAnother(server, viewer, worker);
          memory.add(residentBytes(server));
        }
        viewer.reload();

        Map<String, Object> stream = server.stream("a");
        Map<String, Object> restarts = Json.object(worker(stream).get("restarts"));
        assertThat(Json.number(restarts.get("crash"))).isEqualTo(KILLS);
        assertThat(Json.number(restarts.get("hang"))).isGreaterThanOrEqualTo(HANGS);
        assertThat(Json.number(restarts.get("protocol"))).isZero();
        assertThat(gaps(stream, "source")).isZero();
        assertThat(first.isAlive()).as(first.logText()).isTrue();

        Map<String, Object> other = server.stream("b");
        assertThat(pid(server, "b")).isEqualTo(otherWorker);
        assertThat(gaps(other, "90p")).isZero();
        assertThat(gaps(other, "source")).isZero();
        assertThat(second.isAlive()).as(second.logText()).isTrue();

        assertPassthroughIsWhole(viewer);
        assertAligned(server);
        assertNothingLeft(server, memory);
      }
      assertThat(server.isAlive()).as(server.log()).isTrue();
      assertThat(server.log()).doesNotContain("LEAK");
      // A segment whose worker ended in it is shorter than its interval: where the next interval is
      // made by another worker already, its first segment begins later than that one ends.
      assertThat(OutputCheck.of(server))
          .allMatch(
              problem ->
                  (problem.contains("/live/a: 90p/media.m3u8")
                          || problem.contains("/live/a: audio/media.m3u8"))
                      && (problem.contains("EXT-X-PROGRAM-DATE-TIME is off")
                          || problem.contains("the previous segment ends at")));
      server.kill(); // it has been looked at
    }
  }

  @Test
  void hostileStreamsEndAtMostTheirOwnWorkers() throws Exception {
    Path clip = clip(3);
    Random random = new Random(SEED);
    List<FlvClip> sound = sound(clip);
    Loops loops = Loops.open(1, "hostile");
    try (RunningServer server =
            RunningServer.start(
                folder,
                LADDER,
                Map.of("*/*", List.of("grace: 1s", "publish: { on_conflict: takeover }")),
                SETTINGS);
        Program publisher = publish(server, clip, "fine")) {
      awaitMedia(server, "fine", -1);
      long worker = pid(server, "fine");
      for (int i = 0; i < HOSTILE_CLIPS; i += HOSTILE_AT_ONCE) {
        List<ClipPublisher> hostile = new ArrayList<>();
        for (int j = 0; j < HOSTILE_AT_ONCE; j++) {
          FlvClip damaged = damaged(sound.get((i + j) % sound.size()), random);
          RtmpTarget target = RtmpTarget.parse(server.rtmp("/live/hostile" + j).toString());
          hostile.add(start(loops, target, damaged));
        }
        long before = lastSequence(server, "fine", "90p");
        Await.until(
            "some seconds of it", LIMIT, () -> lastSequence(server, "fine", "90p") > before + 2);
        for (ClipPublisher one : hostile) {
          one.abort().toCompletableFuture().get(20, TimeUnit.SECONDS);
        }
      }
      assertThat(server.isAlive()).as(server.log()).isTrue();
      Map<String, Object> stream = server.stream("fine");
      assertThat(pid(server, "fine")).isEqualTo(worker);
      assertThat(gaps(stream, "90p")).isZero();
      assertThat(gaps(stream, "source")).isZero();
      assertThat(publisher.isAlive()).as(publisher.logText()).isTrue();
      assertThat(server.log()).doesNotContain("LEAK", "this is a bug");
      server.kill(); // what hostile streams show is damaged by themselves, and not looked at
    } finally {
      loops.group().shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }

  /** Once more where a busy machine has no room for it. */
  private static ClipPublisher start(Loops loops, RtmpTarget target, FlvClip clip) {
    return Await.value(
        "room for " + target,
        LIMIT,
        () -> {
          try {
            return Optional.of(
                ClipPublisher.start(loops, target, null, clip)
                    .toCompletableFuture()
                    .get(20, TimeUnit.SECONDS));
          } catch (ExecutionException e) {
            if (String.valueOf(e.getMessage()).contains("no room for another stream")) {
              return Optional.empty();
            }
            throw new AssertionError(e);
          } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
          }
        });
  }

  /** Small, with a key frame every second. */
  private Path clip(int seconds) {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    List<String> arguments = new ArrayList<>(Publisher.testPicture(320, 180, 30));
    arguments.addAll(List.of("-t", "" + seconds));
    arguments.addAll(Publisher.h264(30, 300));
    arguments.addAll(List.of("-g", "30", "-keyint_min", "30"));
    return ffmpeg.make("workers-" + seconds + ".mp4", arguments);
  }

  /** What is damaged: H.264 with AAC, and HEVC as well where there is time for it. */
  private List<FlvClip> sound(Path clip) throws IOException {
    List<FlvClip> clips = new ArrayList<>();
    clips.add(FlvClip.read(flv(Tool.require("ffmpeg"), clip, "h264.flv")));
    if (HOSTILE_CLIPS > 2) {
      Ffmpeg bundled = Ffmpeg.bundled(folder);
      List<String> arguments = new ArrayList<>(Publisher.testPicture(320, 180, 30));
      arguments.addAll(List.of("-t", "3", "-c:v", "libx265", "-preset", "ultrafast"));
      arguments.addAll(List.of("-x265-params", "log-level=error:keyint=30:scenecut=0:pools=1"));
      arguments.addAll(List.of("-c:a", "aac", "-b:a", "96k", "-ac", "2"));
      Path hevc = bundled.make("hevc.mp4", arguments);
      clips.add(FlvClip.read(flv(bundled.program(), hevc, "hevc.flv")));
    }
    return clips;
  }

  private Path flv(Tool ffmpeg, Path clip, String name) {
    Path flv = folder.resolve(name);
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("-hide_banner", "-loglevel", "error", "-nostdin"));
    arguments.addAll(List.of("-i", clip.toString(), "-c", "copy", flv.toString()));
    Program.run(ffmpeg.with(arguments), LIMIT).orFail("ffmpeg");
    return flv;
  }

  /** Some bytes of every tenth access unit are others; configurations stay, or nothing is read. */
  private static FlvClip damaged(FlvClip clip, Random random) {
    List<FlvClip.Tag> tags = new ArrayList<>();
    for (FlvClip.Tag tag : clip.tags()) {
      ByteBuf body = Unpooled.copiedBuffer(tag.body());
      int head = tag.kind() == FlvClip.Kind.VIDEO ? 9 : 2;
      if (!isConfiguration(tag) && body.readableBytes() > head + 8 && random.nextInt(10) == 0) {
        for (int n = 1 + random.nextInt(30); n > 0; n--) {
          body.setByte(head + random.nextInt(body.readableBytes() - head), random.nextInt(256));
        }
      }
      tags.add(new FlvClip.Tag(tag.kind(), tag.timestampMs(), body));
    }
    return new FlvClip(tags, clip.durationMs());
  }

  /** Of Enhanced RTMP: packet type 0 behind the flag of an extended header. */
  private static boolean isConfiguration(FlvClip.Tag tag) {
    int first = tag.body().getByte(tag.body().readerIndex());
    return (first & 0x80) != 0 ? (first & 0x0F) == 0 : tag.isConfiguration();
  }

  private Program publish(RunningServer server, Path clip, String name) {
    return Publisher.ffmpegLoop(
        clip, server.rtmp("/live/" + name), folder.resolve("kept-" + name + ".flv"));
  }

  private static void signal(long pid, String signal) {
    Program.run(List.of("kill", signal, Long.toString(pid)), LIMIT).orFail("kill " + signal);
  }

  /** Until another worker makes the rung's segments. */
  private static void awaitAnother(RunningServer server, HlsClient viewer, long ended) {
    long[] last = {-1};
    Await.until(
        "another worker than " + ended,
        LIMIT,
        () -> {
          viewer.reload();
          long now = pid(server, "a");
          if (now == 0 || now == ended) {
            return false;
          }
          last[0] = made(server, "a");
          return true;
        });
    Await.until(
        "media of the new worker",
        LIMIT,
        () -> {
          viewer.reload();
          return made(server, "a") > last[0] + 1;
        });
  }

  private static void awaitMedia(RunningServer server, String name, long after) {
    Await.until(
        "media of live/" + name,
        LIMIT,
        () -> !server.stream(name).isEmpty() && made(server, name) > Math.max(1, after));
  }

  /** Segments with media that the rung has. */
  private static long made(RunningServer server, String name) {
    Map<String, Object> rung = rendition(server.stream(name), "90p");
    return rung.isEmpty() ? 0 : (long) Json.number(rung.get("segments"));
  }

  private static long lastSequence(RunningServer server, String name, String rendition) {
    return (long) Json.number(rendition(server.stream(name), rendition).get("lastSequence"));
  }

  private static Map<String, Object> rendition(Map<String, Object> stream, String name) {
    for (Object each : (List<?>) stream.getOrDefault("renditions", List.of())) {
      Map<String, Object> rendition = Json.object(each);
      if (name.equals(rendition.get("name"))) {
        return rendition;
      }
    }
    return Map.of();
  }

  private static long gaps(Map<String, Object> stream, String rendition) {
    return (long) Json.number(rendition(stream, rendition).get("gaps"));
  }

  private static Map<String, Object> worker(Map<String, Object> stream) {
    return Json.object(stream.get("worker"));
  }

  private static long pid(RunningServer server, String name) {
    return (long) Json.number(worker(server.stream(name)).get("pid"));
  }

  /** No number is missing in what the viewer has fetched of the publisher's own picture. */
  private static void assertPassthroughIsWhole(HlsClient viewer) {
    HlsClient.Track source =
        viewer.videoTracks().stream()
            .filter(track -> track.name().contains("source"))
            .findFirst()
            .orElseThrow();
    long first = source.segments().firstKey();
    assertThat(source.segments().keySet())
        .containsExactlyElementsOf(
            java.util.stream.LongStream.range(first, first + source.segments().size())
                .boxed()
                .toList());
    assertThat(source.segments().values()).noneMatch(fetched -> fetched.entry().gap());
  }

  /** Both renditions say the same date of the same sequence number. */
  private static void assertAligned(RunningServer server) {
    Map<Long, HlsPlaylist.Entry> source = new HashMap<>();
    playlist(server, "source").entries().forEach(entry -> source.put(entry.sequence(), entry));
    int compared = 0;
    for (HlsPlaylist.Entry entry : playlist(server, "90p").entries()) {
      HlsPlaylist.Entry own = source.get(entry.sequence());
      // A gap begins where the media before it ends, within an interval too.
      if (own != null
          && !entry.gap()
          && own.programDateTime() != null
          && entry.programDateTime() != null) {
        long apartMs =
            Math.abs(Duration.between(own.programDateTime(), entry.programDateTime()).toMillis());
        assertThat(apartMs)
            .as(
                () ->
                    "segment "
                        + entry.sequence()
                        + "\n"
                        + text(server, "source")
                        + text(server, "90p"))
            .isLessThanOrEqualTo(1);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(3);
  }

  private static String text(RunningServer server, String rendition) {
    return Web.text(server.https("/live/a/" + rendition + "/media.m3u8"));
  }

  private static HlsPlaylist.Media playlist(RunningServer server, String rendition) {
    URI uri = server.https("/live/a/" + rendition + "/media.m3u8");
    return HlsPlaylist.media(uri, Web.text(uri));
  }

  private static long residentBytes(RunningServer server) {
    String metrics = new String(Web.get(server.admin("/metrics")).body(), StandardCharsets.UTF_8);
    return metrics
        .lines()
        .filter(line -> line.startsWith("millrace_process_resident_memory_bytes "))
        .mapToLong(line -> (long) Double.parseDouble(line.split(" ")[1]))
        .findFirst()
        .orElseThrow();
  }

  /** Only the workers of today are there, and the server has not grown by those before. */
  private static void assertNothingLeft(RunningServer server, List<Long> memory) {
    assertThat(pid(server, "a")).isPositive().isNotEqualTo(pid(server, "b"));
    if (memory.size() >= 40) {
      long early = memory.get(memory.size() / 4);
      long late = memory.getLast();
      System.out.println("server RSS at a quarter " + early + ", at the end " + late);
      assertThat(late - early).isLessThan(64L << 20);
    }
  }
}
