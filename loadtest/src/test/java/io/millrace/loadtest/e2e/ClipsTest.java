package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real clips, pushed as they are, arrive as they are: every access unit of the passthrough
 * rendition bit for bit, every rung decodable. Clips come from the folder of the system property
 * {@code millrace.media}, else {@code shared/media} beside the repository; those made here cover
 * the same traits where there is no such folder.
 */
class ClipsTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String SMALL_LADDER =
      """
      segment: 2s
      audio: [ { passthrough: true } ]
      video:
        - { name: source, passthrough: true }
        - { name: 180p, codec: h264, height: 180, bitrate: 250k }
      """;

  @TempDir static Path folder;

  private static @Nullable RunningServer server;

  /** One for all clips, each a stream of its own. */
  private static RunningServer server() {
    RunningServer running = server;
    if (running == null) {
      running =
          RunningServer.start(folder.resolve("server"), SMALL_LADDER, "grace: 2s", "window: 60s");
      server = running;
    }
    return running;
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  @TestFactory
  Stream<DynamicTest> clipSurvivesTheWholeWay() throws IOException {
    Ffmpeg ffmpeg = Ffmpeg.require(folder);
    List<Path> clips = new ArrayList<>(made(ffmpeg));
    clips.addAll(real(ffmpeg));
    // The next one is pushed while one is looked at: most of a clip's time is waiting for media.
    Deque<Pushed> ahead = new ArrayDeque<>();
    Deque<Path> left = new ArrayDeque<>(clips);
    return clips.stream()
        .map(
            clip ->
                DynamicTest.dynamicTest(
                    clip.getFileName().toString(),
                    () -> {
                      if (ahead.isEmpty()) {
                        // Where one alone is run again, those before it are not.
                        while (!left.getFirst().equals(clip)) {
                          left.removeFirst();
                        }
                        ahead.add(push(left.removeFirst()));
                      }
                      if (!left.isEmpty() && !isLarge(clip) && !isLarge(left.getFirst())) {
                        ahead.add(push(left.removeFirst()));
                      }
                      survives(ffmpeg, clip, admitted(clip, ahead.removeFirst()));
                    }));
  }

  /** As much as a small machine decodes: nothing runs beside it. */
  private static boolean isLarge(Path clip) {
    return clip.getFileName().toString().contains("4k");
  }

  private record Pushed(String name, Path copy, Program publisher) {}

  private static Pushed push(Path clip) {
    String name = clip.getFileName().toString().replaceAll("[^A-Za-z0-9]+", "-");
    Path copy = folder.resolve(name + ".pushed.flv");
    return new Pushed(name, copy, Publisher.ffmpegLoop(clip, server().rtmp("/live/" + name), copy));
  }

  /** Pushed again where a busy machine had no room for it beside the one before. */
  private static Pushed admitted(Path clip, Pushed push) {
    Pushed[] now = {push};
    Await.until(
        "room for " + clip.getFileName(),
        LIMIT,
        () -> {
          Pushed each = now[0];
          if (!each.publisher().isAlive()
              && each.publisher().logText().contains("no room for another stream")) {
            each.publisher().close();
            now[0] = push(clip);
            return false;
          }
          return !each.publisher().isAlive() || !server().stream(each.name()).isEmpty();
        });
    return now[0];
  }

  private static void survives(Ffmpeg ffmpeg, Path clip, Pushed push) {
    RunningServer running = server();
    Path pushed = push.copy();
    HlsClient stream = running.hls(push.name());
    try (Program publisher = push.publisher()) {
      stream.fedBy(publisher).awaitVariants(2, LIMIT).record(Effort.of(3, 8), LIMIT);
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + "\n" + running.log(), e);
    }
    assertThat(OutputCheck.of(running)).isEmpty();
    assertThat(Conformance.check(stream)).as(running.log()).isEmpty();
    for (HlsClient.Track track : stream.tracks()) {
      List<String> complaints = new ArrayList<>(ffmpeg.decode(track));
      if (ffmpeg.repeatsTimes(pushed)) {
        // A clip whose last picture and whose first of the next round were sent for one instant.
        complaints.removeIf(line -> line.contains("non monotonically increasing dts"));
      }
      assertThat(complaints).isEmpty();
    }
    assertThat(stream.audioTrack().isPresent()).isEqualTo(hasAudio(ffmpeg, clip));
    bitForBit(ffmpeg, pushed, stream);
  }

  /** The recorded access units are a run of the pushed ones. */
  private static void bitForBit(Ffmpeg ffmpeg, Path pushed, HlsClient stream) {
    HlsClient.Track source =
        stream.videoTracks().stream()
            .filter(track -> track.name().startsWith("source/"))
            .findFirst()
            .orElseThrow();
    isRun(ffmpeg.hashes(ffmpeg.file(source), "v:0"), ffmpeg.hashes(pushed, "v:0"), "video");
    stream
        .audioTrack()
        .ifPresent(
            audio -> {
              List<String> sound = ffmpeg.hashes(pushed, "a:0");
              List<String> got = new ArrayList<>(ffmpeg.hashes(ffmpeg.file(audio), "a:0"));
              withoutSilence(got, sound);
              isRun(got, sound, "audio");
            });
  }

  /** Where a clip's sound is shorter than its picture, silence closes the hole between rounds. */
  private static void withoutSilence(List<String> got, List<String> pushed) {
    Set<String> made = new HashSet<>(got);
    pushed.forEach(made::remove);
    assertThat(made).as("access units that nobody pushed").hasSizeLessThanOrEqualTo(1);
    got.removeAll(made);
  }

  private static void isRun(List<String> got, List<String> pushed, String what) {
    assertThat(got).as(what).hasSizeGreaterThan(20);
    assertThat(Collections.indexOfSubList(pushed, got))
        .as(what + ": where the recording lies in what was pushed")
        .isNotNegative();
  }

  private static boolean hasAudio(Ffmpeg ffmpeg, Path clip) {
    return codec(ffmpeg, clip, "a:0").isPresent();
  }

  private static Optional<String> codec(Ffmpeg ffmpeg, Path clip, String stream) {
    String text =
        ffmpeg.probe(
            List.of(
                "-select_streams",
                stream,
                "-show_entries",
                "stream=codec_name",
                "-of",
                "csv=p=0",
                clip.toString()));
    return text.lines()
        .map(line -> line.replace(",", "").strip())
        .filter(line -> !line.isEmpty())
        .findFirst();
  }

  private static List<Path> real(Ffmpeg ffmpeg) throws IOException {
    String set = System.getProperty("millrace.media");
    Path media =
        set != null
            ? Path.of(set)
            : Path.of(System.getProperty("basedir", ""))
                .toAbsolutePath()
                .resolve("../../shared/media")
                .normalize();
    if (!Files.isDirectory(media)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(media)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(mp4|ts|flv)"))
          .filter(file -> codec(ffmpeg, file, "v:0").filter("h264"::equals).isPresent())
          .filter(
              file -> codec(ffmpeg, file, "a:0").filter(audio -> !audio.equals("aac")).isEmpty())
          .sorted()
          .toList();
    }
  }

  private static List<Path> made(Ffmpeg ffmpeg) {
    return List.of(
        make(
            ffmpeg,
            "made-b-frames-2997-mono.mp4",
            "testsrc2=s=320x180:r=30000/1001:d=8",
            "-bf 3 -b_strategy 0",
            "-ac 1 -ar 44100"),
        make(
            ffmpeg,
            "made-vertical-25.mp4",
            "testsrc2=s=180x320:r=25:d=8",
            "-bf 2",
            "-ac 2 -ar 48000"),
        make(
            ffmpeg,
            "made-odd-size-50.mp4",
            "testsrc2=s=322x182:r=50:d=8",
            "-bf 0",
            "-ac 2 -ar 32000"),
        make(ffmpeg, "made-video-only.mp4", "testsrc2=s=320x180:r=24:d=8", "-bf 1", null));
  }

  private static Path make(
      Ffmpeg ffmpeg, String name, String picture, String encoder, @Nullable String sound) {
    List<String> arguments = new ArrayList<>(List.of("-f", "lavfi", "-i", picture));
    if (sound != null) {
      arguments.addAll(List.of("-f", "lavfi", "-i", "sine=frequency=300:duration=8"));
      arguments.addAll(List.of("-c:a", "aac", "-b:a", "64k"));
      arguments.addAll(List.of(sound.split(" ")));
    }
    arguments.addAll(
        List.of(
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-pix_fmt",
            "yuv420p",
            "-g",
            "50",
            "-sc_threshold",
            "0"));
    arguments.addAll(List.of(encoder.split(" ")));
    return ffmpeg.make(name, arguments);
  }
}
