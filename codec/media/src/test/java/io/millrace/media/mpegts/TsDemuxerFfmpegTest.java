package io.millrace.media.mpegts;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What ffmpeg writes is read as ffprobe reads it, to the tick and to the byte. */
final class TsDemuxerFfmpegTest {
  private static final String PICTURE = "testsrc2=size=160x120:rate=25:duration=3";
  private static final String TONE = "sine=frequency=440:sample_rate=48000:duration=3";

  @TempDir Path folder;

  @Test
  void h264WithBFramesAndAac() throws Exception {
    Tool.assumeFfmpegWith("libx264");
    write("-c:v", "libx264", "-g", "25", "-bf", "3", "-c:a", "aac", "-b:a", "128k");
    TsRecorder recorder = check();
    assertThat(recorder.program().streams())
        .extracting(ElementaryStream::kind)
        .containsExactly(StreamKind.H264, StreamKind.AAC_ADTS);
    assertThat(recorder.of(256)).filteredOn(TsRecorder.Unit::randomAccess).hasSize(3);
  }

  @ParameterizedTest
  @ValueSource(strings = {"libx265", "libx264"})
  void boundedPesPacketsAndManySlices(String encoder) throws Exception {
    Tool.assumeFfmpegWith(encoder);
    String slices = encoder.equals("libx264") ? "slices=4" : "slices=2:log-level=none";
    write(
        "-c:v",
        encoder,
        encoder.equals("libx264") ? "-x264-params" : "-x265-params",
        slices,
        "-c:a",
        "libmp3lame",
        "-omit_video_pes_length",
        "0");
    check();
  }

  @Test
  void aacInLatm() throws Exception {
    Tool.assumeFfmpegWith("libx264");
    write("-c:v", "libx264", "-c:a", "aac", "-mpegts_flags", "latm");
    TsRecorder recorder = check();
    assertThat(recorder.program().streams().get(1).kind()).isEqualTo(StreamKind.AAC_LATM);
  }

  @Test
  void opusWithLanguage() throws Exception {
    Tool.assumeFfmpegWith("libopus");
    write("-c:v", "libx264", "-c:a", "libopus", "-metadata:s:a:0", "language=deu");
    TsRecorder recorder = check();
    ElementaryStream opus = recorder.program().streams().get(1);
    assertThat(opus.kind()).isEqualTo(StreamKind.OPUS);
    assertThat(opus.language()).isEqualTo("deu");
    assertThat(opus.opusChannelConfiguration()).isEqualTo(1);
  }

  @Test
  void mp3AndMp2ShareATypeAndAc3IsNamed() throws Exception {
    Tool.assumeFfmpegWith("libmp3lame");
    write(
        "-map",
        "0",
        "-map",
        "1",
        "-map",
        "1",
        "-map",
        "1",
        "-c:v",
        "libx264",
        "-c:a:0",
        "libmp3lame",
        "-c:a:1",
        "mp2",
        "-c:a:2",
        "ac3");
    TsRecorder recorder = check();
    assertThat(recorder.program().streams())
        .extracting(ElementaryStream::name)
        .containsExactly("H.264", "MPEG audio", "MPEG audio", "AC-3");
    assertThat(recorder.notes).containsExactly("not taken: AC-3 (PID 259)");
  }

  @Test
  void smallAudioPesPacketsSplitFrames() throws Exception {
    Tool.assumeFfmpegWith("aac");
    write("-c:v", "libx264", "-c:a", "aac", "-b:a", "192k", "-pes_payload_size", "170");
    check();
  }

  @Test
  void oneOfSeveralPrograms() throws Exception {
    Tool.assumeFfmpegWith("libx264");
    write(
        "-map",
        "1",
        "-map",
        "0",
        "-map",
        "1",
        "-c:v",
        "libx264",
        "-c:a",
        "aac",
        "-program",
        "program_num=3:st=0",
        "-program",
        "program_num=5:st=1:st=2");
    TsRecorder recorder = check();
    assertThat(recorder.program().number()).isEqualTo(5);
    assertThat(recorder.program().streams())
        .extracting(ElementaryStream::pid)
        .containsExactly(257, 258);
    assertThat(recorder.notes).containsExactly("program 5 is taken, others are not: [3]");
  }

  @Test
  void gstreamersMultiplexer() throws Exception {
    Tool.assumeInstalled("gst-launch-1.0");
    Tool.Result made =
        Tool.run(
            folder,
            "gst-launch-1.0",
            "-q",
            "mpegtsmux",
            "name=mux",
            "!",
            "filesink",
            "location=clip.ts",
            "videotestsrc",
            "num-buffers=75",
            "!",
            "video/x-raw,format=I420,width=160,height=120,framerate=25/1",
            "!",
            "x264enc",
            "bframes=2",
            "key-int-max=25",
            "!",
            "mux.",
            "audiotestsrc",
            "num-buffers=140",
            "!",
            "audioconvert",
            "!",
            "avenc_aac",
            "!",
            "aacparse",
            "!",
            "mux.");
    Assumptions.assumeTrue(
        made.exit() == 0, "GStreamer lacks x264enc, avenc_aac or mpegtsmux: " + made.errors());
    TsRecorder recorder = check();
    assertThat(recorder.of(recorder.pid(StreamKind.H264))).hasSize(75);
  }

  static Stream<Path> clips() throws IOException {
    String set = System.getProperty("millrace.media");
    Path shared =
        set != null
            ? Path.of(set)
            : Path.of(System.getProperty("basedir", "")).resolve("../../../shared/media");
    if (!Files.isDirectory(shared)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.list(shared)) {
      return files
          .filter(file -> file.toString().matches(".*(h264|hevc|people|bbb|ui_|608).*[.](mp4|ts)"))
          .sorted()
          .toList()
          .stream();
    }
  }

  @ParameterizedTest(allowZeroInvocations = true)
  @MethodSource("clips")
  void realClips(Path clip) throws Exception {
    Tool.assumeInstalled("ffmpeg");
    if (clip.toString().endsWith(".ts")) {
      Files.copy(clip, folder.resolve("clip.ts"));
    } else {
      String source = clip.toAbsolutePath().toString();
      Tool.ffmpeg(folder, "-i", source, "-t", "12", "-c", "copy", "-f", "mpegts", "clip.ts");
    }
    check();
  }

  private void write(String... codecs) throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(List.of("-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE));
    arguments.addAll(List.of(codecs));
    arguments.addAll(List.of("-f", "mpegts", "clip.ts"));
    Tool.ffmpeg(folder, arguments.toArray(String[]::new));
  }

  private TsRecorder check() throws IOException, InterruptedException {
    byte[] bytes = Files.readAllBytes(folder.resolve("clip.ts"));
    TsRecorder recorder = demux(bytes, new Random(7));
    assertThat(recorder.losses).isEmpty();
    for (ElementaryStream stream : recorder.program().streams()) {
      if (stream.kind().use() == StreamKind.Use.NONE) {
        continue;
      }
      List<Probed> expected = probe(folder, "clip.ts", stream.pid());
      List<TsRecorder.Unit> found = recorder.of(stream.pid());
      assertThat(found).as(stream.toString()).hasSameSizeAs(expected);
      for (int i = 0; i < found.size(); i++) {
        TsRecorder.Unit unit = found.get(i);
        String where = stream + " unit " + i;
        // ffmpeg's parser of HEVC leaves the zero_byte of a start code with the unit before.
        int zeroByte = stream.kind() == StreamKind.HEVC ? 1 : 0;
        assertThat(expected.get(i).sizeBytes - unit.bytes().length)
            .as(where)
            .isBetween(-zeroByte, zeroByte);
        if (unit.pts() != TsAccessUnit.NO_TIME) {
          assertThat(unit.pts()).as(where).isEqualTo(expected.get(i).pts);
          assertThat(unit.dts()).as(where).isEqualTo(expected.get(i).dts);
        }
      }
    }
    return recorder;
  }

  static TsRecorder demux(byte[] bytes, Random random) {
    TsRecorder recorder = new TsRecorder();
    try (TsDemuxer demuxer = new TsDemuxer(TsDemuxer.ANY_PROGRAM, Heap.allocator(), recorder)) {
      ByteBuf in = Unpooled.wrappedBuffer(bytes);
      while (in.isReadable()) {
        demuxer.accept(in.readSlice(Math.min(in.readableBytes(), random.nextInt(3_000))));
      }
      demuxer.flush();
    }
    return recorder;
  }

  private record Probed(long pts, long dts, int sizeBytes) {}

  private static List<Probed> probe(Path folder, String file, int pid)
      throws IOException, InterruptedException {
    Tool.Result result =
        Tool.run(
            folder,
            "ffprobe",
            "-v",
            "error",
            "-select_streams",
            "i:" + pid,
            "-show_entries",
            "packet=pts,dts,size",
            "-of",
            "csv=p=0",
            file);
    List<Probed> found = new ArrayList<>();
    for (String line : result.output().lines().toList()) {
      String[] cells = line.split(",");
      if (cells.length >= 3) {
        found.add(
            new Probed(
                Long.parseLong(cells[0]), Long.parseLong(cells[1]), Integer.parseInt(cells[2])));
      }
    }
    return found;
  }
}
