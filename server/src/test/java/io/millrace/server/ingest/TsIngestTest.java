package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.media.AudioCodec;
import io.millrace.media.MediaFormatException;
import io.millrace.media.Rational;
import io.millrace.media.Timescale;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.media.mpegts.TsDemuxer;
import io.millrace.media.mpegts.TsMuxer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Transport streams of ffmpeg, and of our own multiplexer, as track events. */
final class TsIngestTest {
  private static final long SECOND = Timescale.VIDEO.ticksPerSecond();
  private static final long ORIGIN = 10 * SECOND;
  private static final int PACKET = 188;
  private static final String PICTURE = "testsrc2=size=320x180:rate=25:duration=4";
  private static final String TONE = "sine=frequency=440:sample_rate=48000:duration=4";

  @TempDir Path folder;

  private final List<TrackEvent> events = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  @AfterEach
  void release() {
    events.forEach(TrackEvent::release);
  }

  @ParameterizedTest
  @CsvSource({
    "libx264, aac, , H264, AAC, 1024",
    "libx265, aac, latm, HEVC, AAC, 1024",
    "libx264, libmp3lame, , H264, MP3, 1152",
    "libx264, libopus, , H264, OPUS, 960",
  })
  void picturesAndSoundKeepTheirTime(
      String video,
      String audio,
      String flag,
      VideoCodec videoCodec,
      AudioCodec audioCodec,
      int samplesPerFrame)
      throws Exception {
    assumeFfmpeg(video, audio);
    List<String> arguments =
        new ArrayList<>(List.of("-c:v", video, "-g", "25", "-bf", "2", "-c:a", audio, "-ac", "2"));
    arguments.addAll(
        video.equals("libx265") ? List.of("-x265-params", "log-level=none") : List.of());
    arguments.addAll(flag == null ? List.of() : List.of("-mpegts_flags", flag));
    ingest(clip(arguments));

    TrackFormat.Video picture = (TrackFormat.Video) format(0);
    assertThat(picture.codec()).isEqualTo(videoCodec);
    assertThat(picture.width()).isEqualTo(320);
    assertThat(picture.height()).isEqualTo(180);
    assertThat(picture.frameRate()).isEqualTo(new Rational(25, 1));
    TrackFormat.Audio sound = (TrackFormat.Audio) format(1);
    assertThat(sound.codec()).isEqualTo(audioCodec);
    assertThat(sound.sampleRate()).isEqualTo(48_000);
    assertThat(sound.channels()).isEqualTo(2);
    assertThat(formats()).hasSize(2);

    List<Sample> pictures = samples(0);
    assertThat(pictures).hasSize(100);
    for (int i = 0; i < pictures.size(); i++) {
      assertThat(pictures.get(i).dtsTicks() - pictures.getFirst().dtsTicks())
          .isEqualTo(i * SECOND / 25);
      long shown = pictures.get(i).ptsTicks() - pictures.getFirst().ptsTicks();
      assertThat(pictures.get(i).key()).as("picture " + i).isEqualTo(shown % SECOND == 0);
    }
    assertThat(pictures.stream().map(Sample::ptsTicks).distinct()).hasSize(100);
    List<Sample> frames = samples(1);
    assertThat(frames.size()).isGreaterThan(3 * 48_000 / samplesPerFrame);
    for (int i = 1; i < frames.size(); i++) {
      assertThat(frames.get(i).dtsTicks() - frames.get(i - 1).dtsTicks())
          .isEqualTo(samplesPerFrame);
    }
    assertThat(notes).isEmpty();
  }

  @Test
  void theClockWrapsUnseen() throws Exception {
    assumeFfmpeg("libx264", "aac");
    // 2³³ ticks are 95443.7 s: two seconds before.
    ingest(
        clip(
            List.of("-c:v", "libx264", "-g", "25", "-c:a", "aac", "-output_ts_offset", "95440.3")));
    List<Sample> pictures = samples(0);
    assertThat(pictures).hasSize(100);
    for (int i = 1; i < pictures.size(); i++) {
      assertThat(pictures.get(i).dtsTicks() - pictures.get(i - 1).dtsTicks())
          .isEqualTo(SECOND / 25);
    }
    List<Sample> frames = samples(1);
    assertThat(frames.getLast().dtsTicks() - frames.getFirst().dtsTicks())
        .isEqualTo((frames.size() - 1) * 1024L);
  }

  @Test
  void severalStreamsOfAKindAreTracksAndUnknownOnesAreNamed() throws Exception {
    assumeFfmpeg("libx264", "aac");
    TsIngest ingest =
        ingest(
            clip(
                List.of(
                    "-map",
                    "1",
                    "-map",
                    "0",
                    "-map",
                    "1",
                    "-map",
                    "0",
                    "-map",
                    "1",
                    "-c:v",
                    "libx264",
                    "-g",
                    "25",
                    "-bf",
                    "0",
                    "-s:v:1",
                    "160x90",
                    "-c:a:0",
                    "ac3",
                    "-c:a:1",
                    "aac",
                    "-c:a:2",
                    "mp2",
                    "-metadata:s:a:1",
                    "language=deu")));
    assertThat(((TrackFormat.Video) format(0)).width()).isEqualTo(320);
    assertThat(((TrackFormat.Video) format(2)).width()).isEqualTo(160);
    assertThat(((TrackFormat.Audio) format(1)).codec()).isEqualTo(AudioCodec.AAC);
    assertThat(((TrackFormat.Audio) format(1)).language()).isEqualTo("de");
    assertThat(notes)
        .containsExactlyInAnyOrder(
            "not taken: AC-3 (PID 256)", "not taken: MPEG audio layer II (PID 260)");
    List<Sample> large = samples(0);
    List<Sample> small = samples(2);
    assertThat(small).hasSameSizeAs(large);
    for (int i = 0; i < large.size(); i++) {
      assertThat(small.get(i).ptsTicks()).isEqualTo(large.get(i).ptsTicks());
      assertThat(small.get(i).key()).isEqualTo(large.get(i).key());
    }
  }

  @Test
  void nothingPlayableEndsTheSession() throws Exception {
    assumeFfmpeg("mpeg2video", "mp2");
    byte[] clip = clip(List.of("-c:v", "mpeg2video", "-c:a", "mp2"));
    assertThatThrownBy(() -> ingest(clip))
        .isInstanceOf(MediaFormatException.class)
        .hasMessage(
            "no stream that can be played in program 1: MPEG-1/2 video (PID 256), MPEG audio layer"
                + " II (PID 257)");
  }

  @Test
  void lossIsAGapAndNeverAStall() throws Exception {
    assumeFfmpeg("libx264", "aac");
    byte[] clip = clip(List.of("-c:v", "libx264", "-g", "25", "-bf", "0", "-c:a", "aac"));
    ingest(clip);
    List<TrackEvent> intact = List.copyOf(events);
    List<Long> times = samples(0).stream().map(Sample::ptsTicks).toList();
    for (long seed = 0; seed < 5; seed++) {
      events.clear();
      Random random = new Random(seed);
      ByteArrayOutputStream left = new ByteArrayOutputStream();
      for (int at = 0; at < clip.length; at += PACKET) {
        if (at < clip.length / 5 || random.nextInt(150) != 0) {
          left.write(clip, at, PACKET);
        }
      }
      TsIngest ingest = ingest(left.toByteArray());
      assertThat(ingest.counters().continuityErrors()).isPositive();
      assertThat(samples(0)).as("seed " + seed).hasSizeBetween(20, 99);
      assertThat(times)
          .as("seed " + seed)
          .containsAll(samples(0).stream().map(Sample::ptsTicks).toList());
      assertThat(samples(0).getFirst().key()).isTrue();
      assertThat(samples(1)).isSortedAccordingTo(Comparator.comparingLong(Sample::dtsTicks));
      assertThat(ingest.timeline().counters().jumps()).isZero();
      events.forEach(TrackEvent::release);
    }
    events.clear();
    events.addAll(intact);
  }

  @Test
  void aNewSizeIsANewFormatOnTheSameClock() throws Exception {
    assumeFfmpeg("libx264", "aac");
    byte[] large = clip(List.of("-c:v", "libx264", "-g", "25", "-bf", "0", "-c:a", "aac"));
    byte[] small =
        clip(
            List.of(
                "-c:v",
                "libx264",
                "-g",
                "25",
                "-bf",
                "0",
                "-s",
                "160x90",
                "-c:a",
                "aac",
                "-output_ts_offset",
                "4"));
    byte[] both = Arrays.copyOf(large, large.length + small.length);
    System.arraycopy(small, 0, both, large.length, small.length);
    ingest(both);
    assertThat(formats().stream().filter(format -> format.track() == 0)).hasSize(2);
    assertThat(((TrackFormat.Video) formats().getLast().format()).width()).isEqualTo(160);
    List<Sample> pictures = samples(0);
    // The unit that the end of the first stream would have closed is lost with its tail.
    assertThat(pictures.size()).isBetween(198, 200);
    // ffmpeg moves the first clip by the delay of the sound's encoder, and the second one not.
    assertThat(pictures.getLast().dtsTicks() - pictures.getFirst().dtsTicks())
        .isBetween(198 * SECOND / 25, 199 * SECOND / 25);
    assertThat(pictures).isSortedAccordingTo(Comparator.comparingLong(Sample::dtsTicks));
  }

  @Test
  void whatTheMuxerMakesIsPlayedWithoutComplaint() throws Exception {
    assumeFfmpeg("libx264", "aac");
    for (List<String> codecs :
        List.of(
            List.of("-c:v", "libx264", "-bf", "2", "-c:a", "aac"),
            List.of("-c:v", "libx265", "-x265-params", "log-level=none", "-c:a", "libopus"),
            List.of("-c:v", "libx264", "-c:a", "libmp3lame"))) {
      events.forEach(TrackEvent::release);
      events.clear();
      ingest(clip(codecs));
      List<String> before = hashes("clip.ts");
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      TsMuxer muxer =
          new TsMuxer(
              new UnpooledByteBufAllocator(false),
              buffer -> {
                byte[] bytes = new byte[buffer.readableBytes()];
                buffer.readBytes(bytes);
                out.writeBytes(bytes);
                buffer.release();
              });
      formats().forEach(muxer::accept);
      for (TrackEvent event : events) {
        if (event instanceof Sample sample) {
          muxer.accept(sample.retain());
        }
      }
      Files.write(folder.resolve("made.ts"), out.toByteArray());
      assertThat(hashes("made.ts")).as(codecs.toString()).isEqualTo(before).hasSizeGreaterThan(90);
    }
  }

  @Test
  void cuesComeWithTheTimeTheySpeakOf() throws Exception {
    assumeFfmpeg("libx264", "aac");
    ingest(clip(List.of("-c:v", "libx264", "-g", "25", "-bf", "0", "-c:a", "aac")));
    List<TrackEvent> plain = List.copyOf(events);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TsMuxer muxer =
        new TsMuxer(
            new UnpooledByteBufAllocator(false),
            buffer -> {
              byte[] bytes = new byte[buffer.readableBytes()];
              buffer.readBytes(bytes);
              out.writeBytes(bytes);
              buffer.release();
            });
    byte[] tag = "ID3 a tag".getBytes(StandardCharsets.ISO_8859_1);
    long first = samples(0).getFirst().ptsTicks();
    for (TrackEvent event : plain) {
      muxer.accept(event.retain());
      if (event instanceof Sample sample && sample.ptsTicks() == first + SECOND) {
        muxer.accept(new Cue(first + 3 * SECOND, CueSchemes.ID3, tag));
      }
    }
    events.clear();
    ingest(out.toByteArray());
    List<Cue> cues = events.stream().filter(Cue.class::isInstance).map(Cue.class::cast).toList();
    assertThat(cues).hasSize(1);
    assertThat(cues.getFirst().message()).isEqualTo(tag);
    assertThat(cues.getFirst().ptsTicks()).isEqualTo(samples(0).getFirst().ptsTicks() + 3 * SECOND);
    plain.forEach(TrackEvent::release);
  }

  private TsIngest ingest(byte[] clip) {
    TsIngest ingest = new TsIngest(ORIGIN, TsDemuxer.ANY_PROGRAM, events::add, notes::add);
    try (ingest) {
      ByteBuf in = Unpooled.wrappedBuffer(clip);
      while (in.isReadable()) {
        ingest.accept(in.readSlice(Math.min(in.readableBytes(), 7 * PACKET)));
      }
      ingest.end();
    }
    return ingest;
  }

  private List<Format> formats() {
    return events.stream().filter(Format.class::isInstance).map(Format.class::cast).toList();
  }

  private TrackFormat format(int track) {
    return formats().stream()
        .filter(format -> format.track() == track)
        .findFirst()
        .orElseThrow()
        .format();
  }

  private List<Sample> samples(int track) {
    return events.stream()
        .filter(event -> event instanceof Sample sample && sample.track() == track)
        .map(Sample.class::cast)
        .toList();
  }

  private byte[] clip(List<String> arguments) throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "ffmpeg",
                "-v",
                "error",
                "-nostdin",
                "-y",
                "-f",
                "lavfi",
                "-i",
                PICTURE,
                "-f",
                "lavfi",
                "-i",
                TONE));
    command.addAll(arguments);
    command.addAll(List.of("-f", "mpegts", "clip.ts"));
    run(command);
    return Files.readAllBytes(folder.resolve("clip.ts"));
  }

  /** Hashes of every decoded picture; ffmpeg must not complain. */
  private List<String> hashes(String file) throws IOException, InterruptedException {
    String output =
        run(
            List.of(
                "ffmpeg",
                "-v",
                "warning",
                "-xerror",
                "-nostdin",
                "-i",
                file,
                "-map",
                "0:v",
                "-fps_mode",
                "passthrough",
                "-f",
                "framemd5",
                "-",
                "-map",
                "0:a",
                "-f",
                "null",
                "-"));
    return output
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.substring(line.lastIndexOf(',') + 1).strip())
        .toList();
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "out", ".txt");
    Path errors = Files.createTempFile(folder, "err", ".txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile())
            .start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      fail("ffmpeg did not end: " + command);
    }
    String complaints = Files.readString(errors, StandardCharsets.UTF_8);
    if (process.exitValue() != 0 || !complaints.isBlank()) {
      fail(command + " exit " + process.exitValue() + "\n" + complaints);
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }

  private static void assumeFfmpeg(String... encoders) throws InterruptedException {
    for (String encoder : encoders) {
      boolean found = false;
      try {
        Process process =
            new ProcessBuilder("ffmpeg", "-hide_banner", "-h", "encoder=" + encoder)
                .redirectErrorStream(true)
                .start();
        String help = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        found = process.waitFor() == 0 && help.contains("Encoder " + encoder);
      } catch (IOException _) {
        // not installed
      }
      if (!found && "true".equals(System.getenv("CI"))) {
        fail("ffmpeg with " + encoder + " is not installed");
      }
      assumeTrue(found, "ffmpeg with " + encoder + " is not installed");
    }
  }
}
