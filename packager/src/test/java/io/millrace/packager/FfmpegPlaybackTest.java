package io.millrace.packager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent.End;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.TrackSink;
import io.millrace.media.VideoCodec;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real H.264 with B-frames at 29.97 fps, real AV1 and AAC go in; ffmpeg reads HLS and DASH, gets
 * every access unit bit for bit at its time, and decodes it without a complaint.
 */
class FfmpegPlaybackTest {
  /** 60 frames of 29.97 fps. */
  private static final long SEGMENT = 60 * 12_012;

  private static final long START = 7 * SEGMENT + 123;
  private static final Rational FPS = new Rational(30_000, 1001);

  @TempDir Path directory;

  private final Presentation presentation =
      new Presentation(PresentationSettings.of("clip").withInstance("t"), () -> true);

  private record Clip(TrackFormat format, List<Fragments.Read> samples) {}

  @BeforeEach
  void checkTools() throws InterruptedException {
    Ffmpeg.assumeInstalled("libx264");
    Ffmpeg.assumeInstalled("libsvtav1");
  }

  private byte[] encode(String source, String... codec) throws Exception {
    List<String> arguments = new java.util.ArrayList<>(List.of("-f", "lavfi", "-i", source));
    arguments.addAll(List.of(codec));
    arguments.addAll(List.of("-t", "8.008", "-frag_duration", "400000", "-movflags"));
    arguments.add("+empty_moov+default_base_moof+negative_cts_offsets");
    arguments.addAll(List.of("-f", "mp4", "clip.mp4"));
    Ffmpeg.run(directory, arguments.toArray(String[]::new));
    return Files.readAllBytes(directory.resolve("clip.mp4"));
  }

  private Clip h264() throws Exception {
    byte[] file =
        encode(
            "testsrc2=size=320x180:rate=30000/1001",
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-bf",
            "2",
            "-g",
            "60",
            "-keyint_min",
            "60",
            "-sc_threshold",
            "0",
            "-flags",
            "+cgop",
            "-pix_fmt",
            "yuv420p",
            "-video_track_timescale",
            "360000");
    byte[] record = content(file, "avcC");
    String codecs = "avc1." + HexFormat.of().formatHex(record, 1, 4);
    return new Clip(video(VideoCodec.H264, codecs, record, 320, 180), Fragments.samples(file));
  }

  private Clip av1() throws Exception {
    byte[] file =
        encode(
            "testsrc2=size=256x144:rate=30000/1001",
            "-c:v",
            "libsvtav1",
            "-preset",
            "10",
            "-g",
            "60",
            "-pix_fmt",
            "yuv420p",
            "-svtav1-params",
            "irefresh-type=2:lp=1",
            "-video_track_timescale",
            "360000");
    byte[] record = content(file, "av1C");
    return new Clip(
        video(VideoCodec.AV1, "av01.0.00M.08", record, 256, 144), Fragments.samples(file));
  }

  private Clip hevc() throws Exception {
    byte[] file =
        encode(
            "testsrc2=size=320x180:rate=30000/1001",
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=none:keyint=60:min-keyint=60:scenecut=0:open-gop=0:bframes=2:info=0",
            "-pix_fmt",
            "yuv420p",
            "-tag:v",
            "hvc1",
            "-video_track_timescale",
            "360000");
    return new Clip(
        video(VideoCodec.HEVC, "hvc1.1.6.L60.90", content(file, "hvcC"), 320, 180),
        Fragments.samples(file));
  }

  private Clip vp9() throws Exception {
    byte[] file =
        encode(
            "testsrc2=size=256x144:rate=30000/1001",
            "-c:v",
            "libvpx-vp9",
            "-deadline",
            "realtime",
            "-cpu-used",
            "8",
            "-g",
            "60",
            "-keyint_min",
            "60",
            "-lag-in-frames",
            "0",
            "-pix_fmt",
            "yuv420p",
            "-video_track_timescale",
            "360000");
    byte[] record = content(file, "vpcC");
    byte[] behindVersionAndFlags = Arrays.copyOfRange(record, 4, record.length);
    return new Clip(
        video(VideoCodec.VP9, "vp09.00.11.08", behindVersionAndFlags, 256, 144),
        Fragments.samples(file));
  }

  private Clip mp3() throws Exception {
    byte[] file = encode("sine=frequency=440:sample_rate=48000", "-c:a", "libmp3lame", "-ac", "2");
    return new Clip(
        new TrackFormat.Audio(AudioCodec.MP3, "mp4a.6B", new byte[0], 48_000, 2, 1152),
        Fragments.samples(file));
  }

  private Clip opus() throws Exception {
    byte[] file = encode("sine=frequency=440:sample_rate=48000", "-c:a", "libopus", "-ac", "2");
    return new Clip(
        new TrackFormat.Audio(AudioCodec.OPUS, "opus", content(file, "dOps"), 48_000, 2, 960),
        Fragments.samples(file));
  }

  private Clip aac() throws Exception {
    byte[] file = encode("sine=frequency=440:sample_rate=48000", "-c:a", "aac", "-ac", "2");
    byte[] esds = content(file, "esds");
    int at = new String(esds, StandardCharsets.ISO_8859_1).indexOf("\5\u0080\u0080\u0080") + 5;
    byte[] configuration = Arrays.copyOfRange(esds, at, at + esds[at - 1]);
    return new Clip(
        new TrackFormat.Audio(AudioCodec.AAC, "mp4a.40.2", configuration, 48_000, 2, 1024),
        Fragments.samples(file));
  }

  private static TrackFormat.Video video(
      VideoCodec codec, String codecs, byte[] record, int width, int height) {
    return new TrackFormat.Video(
        codec, codecs, record, width, height, Rational.ONE, FPS, Colour.UNSPECIFIED, 0);
  }

  private static byte[] content(byte[] file, String box) {
    int at = new String(file, StandardCharsets.ISO_8859_1).indexOf(box);
    int size = java.nio.ByteBuffer.wrap(file).getInt(at - 4);
    return Arrays.copyOfRange(file, at + 4, at - 4 + size);
  }

  /** As from a publisher whose decoding times run two frames ahead. */
  private static void playVideo(TrackSink sink, Clip clip) {
    sink.accept(Tracks.video((TrackFormat.Video) clip.format));
    int sequence = 0;
    for (Fragments.Read read : clip.samples) {
      long pts = START + read.ptsTicks();
      if (read.key()) {
        sink.accept(Tracks.boundary(sequence++, pts));
      }
      long dts = START + read.dtsTicks() - 2 * 12_012;
      sink.accept(
          new Sample(0, dts, pts, 12_012, read.key(), Unpooled.wrappedBuffer(read.payload())));
    }
    sink.accept(new End("test"));
  }

  private static void playAudio(TrackSink sink, Clip clip) {
    sink.accept(Tracks.audio((TrackFormat.Audio) clip.format));
    int sequence = 0;
    for (Fragments.Read read : clip.samples) {
      long pts = read.dtsTicks() + (START * 48 + 359) / 360;
      while (pts * 360 / 48 >= START + sequence * SEGMENT) {
        sink.accept(Tracks.boundary(sequence, START + sequence * SEGMENT));
        sequence++;
      }
      sink.accept(
          new Sample(
              1,
              pts,
              pts,
              ((TrackFormat.Audio) clip.format).samplesPerFrame(),
              true,
              Unpooled.wrappedBuffer(read.payload())));
    }
    sink.accept(new End("test"));
  }

  private void writeFiles() throws IOException {
    Files.write(
        directory.resolve("master.m3u8"), presentation.master(CodecPreference.DEFAULT).bytes());
    Files.write(
        directory.resolve("manifest.mpd"), presentation.manifest(CodecPreference.DEFAULT).bytes());
    for (RenditionInfo info : presentation.renditions()) {
      Path folder = Files.createDirectories(directory.resolve(info.name()));
      Document media = presentation.media(info.name());
      Files.write(folder.resolve("media.m3u8"), media.bytes());
      Pattern.compile("(init|seg)-[^\"\n]*")
          .matcher(new String(media.bytes(), StandardCharsets.UTF_8))
          .results()
          .forEach(match -> write(folder, info.name(), match.group()));
    }
  }

  private void write(Path folder, String rendition, String name) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    presentation.object(rendition, name).parts().forEach(out::writeBytes);
    try {
      Files.write(folder.resolve(name), out.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A line of framemd5: {@code stream, dts, pts, duration, size, hash}. */
  private record Packet(long dts, long pts, String hash) {}

  private List<Packet> packets(String playlist, String map) throws Exception {
    String frames =
        Ffmpeg.run(
            directory, "-i", playlist, "-map", map, "-c", "copy", "-copyts", "-f", "framemd5", "-");
    return frames
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("\\s*,\\s*"))
        .map(f -> new Packet(Long.parseLong(f[1]), Long.parseLong(f[2]), f[5].trim()))
        .toList();
  }

  private static List<String> hashes(Clip clip) {
    return clip.samples.stream().map(sample -> md5(sample.payload())).toList();
  }

  private static String md5(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private void assertSame(List<Packet> packets, Clip clip, int ticksPerFrame) {
    assertThat(packets).extracting(Packet::hash).isEqualTo(hashes(clip));
    long first = packets.getFirst().pts();
    long shift = clip.samples.getFirst().ptsTicks() - first;
    assertThat(packets)
        .extracting(packet -> packet.pts() + shift)
        .isEqualTo(clip.samples.stream().map(Fragments.Read::ptsTicks).toList());
    for (int i = 1; i < packets.size(); i++) {
      assertThat(packets.get(i).dts() - packets.get(i - 1).dts()).isEqualTo(ticksPerFrame);
    }
  }

  @Test
  void hlsAndDashGiveBackEveryAccessUnit() throws Exception {
    Clip source = h264();
    Clip rung = av1();
    Clip sound = aac();
    playVideo(presentation.video(new RenditionSpec("source", 0, 0)), source);
    playVideo(presentation.video(new RenditionSpec("av1", 1, 300_000)), rung);
    playAudio(presentation.audio(new RenditionSpec("audio", 2, 128_000)), sound);
    presentation.close();
    writeFiles();

    assertThat(source.samples.stream().filter(Fragments.Read::key)).hasSize(4);
    assertThat(source.samples).as("B-frames").anyMatch(s -> s.ptsTicks() < s.dtsTicks());
    assertThat(rung.samples.stream().filter(Fragments.Read::key)).hasSize(4);
    for (String playlist : List.of("source/media.m3u8", "manifest.mpd")) {
      assertSame(packets(playlist, "0:v:0"), source, 12_012);
    }
    assertSame(packets("av1/media.m3u8", "0:v:0"), rung, 12_012);
    assertSame(packets("audio/media.m3u8", "0:a:0"), sound, 1024);
    for (String playlist : List.of("master.m3u8", "manifest.mpd", "av1/media.m3u8")) {
      Ffmpeg.run(directory, "-i", playlist, "-map", "0", "-f", "null", "-");
    }
  }

  @Test
  void newerCodecsAndOlderOnesGiveBackEveryAccessUnit() throws Exception {
    for (String encoder : List.of("libx265", "libvpx-vp9", "libmp3lame", "libopus")) {
      Ffmpeg.assumeInstalled(encoder);
    }
    Clip hevc = hevc();
    Clip vp9 = vp9();
    Clip mp3 = mp3();
    Clip opus = opus();
    playVideo(presentation.video(new RenditionSpec("hevc", 0, 0)), hevc);
    playVideo(presentation.video(new RenditionSpec("vp9", 1, 0)), vp9);
    playAudio(presentation.audio(new RenditionSpec("mp3", 2, 0)), mp3);
    playAudio(presentation.audio(new RenditionSpec("opus", 3, 0).described("Opus", "en")), opus);
    presentation.close();
    writeFiles();

    assertThat(hevc.samples).as("B-frames").anyMatch(s -> s.ptsTicks() < s.dtsTicks());
    assertSame(packets("hevc/media.m3u8", "0:v:0"), hevc, 12_012);
    assertSame(packets("vp9/media.m3u8", "0:v:0"), vp9, 12_012);
    assertSame(packets("mp3/media.m3u8", "0:a:0"), mp3, 1152);
    assertSame(packets("opus/media.m3u8", "0:a:0"), opus, 960);
    for (String playlist : List.of("hevc", "vp9", "mp3", "opus")) {
      Ffmpeg.run(directory, "-i", playlist + "/media.m3u8", "-map", "0", "-f", "null", "-");
    }
    Ffmpeg.run(directory, "-i", "manifest.mpd", "-map", "0", "-f", "null", "-");
  }

  @Test
  void renditionsStartTheirSegmentsAtTheSameTick() throws Exception {
    playVideo(presentation.video(new RenditionSpec("source", 0, 0)), h264());
    playVideo(presentation.video(new RenditionSpec("av1", 1, 300_000)), av1());
    presentation.close();

    List<String> source = segmentNames("source");
    assertThat(source).hasSize(4).isEqualTo(segmentNames("av1"));
    assertThat(source.get(1)).isEqualTo("seg-t-" + (START + SEGMENT) + ".m4s");
  }

  private List<String> segmentNames(String rendition) {
    return new String(presentation.media(rendition).bytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("seg-"))
        .toList();
  }
}
