package io.millrace.packager.crypt;

import io.millrace.media.AudioCodec;
import io.millrace.media.Colour;
import io.millrace.media.Rational;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.av1.Av1Configuration;
import io.millrace.packager.Ffmpeg;
import io.millrace.packager.Fragments;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Access units that a real encoder made. */
record RealClip(Path file, TrackFormat format, List<Fragments.Read> samples) {
  /**
   * @param picture a source of libavfilter, without its size
   * @param encoder its name, then its options
   */
  static RealClip video(
      Path folder, VideoCodec codec, String picture, String size, String... encoder)
      throws Exception {
    String source = picture + "=size=" + size + ":rate=30";
    List<String> arguments = new ArrayList<>(List.of("-f", "lavfi", "-i", source, "-c:v"));
    arguments.addAll(List.of(encoder));
    arguments.addAll(List.of("-pix_fmt", "yuv420p", "-video_track_timescale", "360000"));
    Ffmpeg.assumeInstalled(encoder[0]);
    Path file = encode(folder, arguments);
    byte[] bytes = Files.readAllBytes(file);
    byte[] record =
        switch (codec) {
          case H264 -> content(bytes, "avcC");
          case HEVC -> content(bytes, "hvcC");
          case AV1 -> Av1Configuration.of(Fragments.samples(bytes).getFirst().payload()).toBytes();
          case VP9 -> {
            byte[] box = content(bytes, "vpcC");
            yield Arrays.copyOfRange(box, 4, box.length);
          }
        };
    String[] sides = size.split("x");
    TrackFormat.Video format =
        new TrackFormat.Video(
            codec,
            codec.name(),
            record,
            Integer.parseInt(sides[0]),
            Integer.parseInt(sides[1]),
            Rational.ONE,
            new Rational(30, 1),
            Colour.UNSPECIFIED,
            0);
    return new RealClip(file, format, Fragments.samples(bytes));
  }

  static RealClip aac(Path folder) throws Exception {
    Ffmpeg.assumeInstalled("aac");
    Path file =
        encode(
            folder,
            List.of("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:a", "aac"));
    byte[] bytes = Files.readAllBytes(file);
    byte[] esds = content(bytes, "esds");
    int at = new String(esds, StandardCharsets.ISO_8859_1).indexOf("\5\u0080\u0080\u0080") + 5;
    byte[] configuration = Arrays.copyOfRange(esds, at, at + esds[at - 1]);
    return new RealClip(
        file,
        new TrackFormat.Audio(AudioCodec.AAC, "mp4a.40.2", configuration, 48_000, 1, 1024),
        Fragments.samples(bytes));
  }

  private static Path encode(Path folder, List<String> arguments) throws Exception {
    Path file = Files.createTempFile(folder, "clip", ".mp4");
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("-t", "0.9", "-frag_duration", "400000", "-movflags"));
    all.add("+empty_moov+default_base_moof+negative_cts_offsets");
    all.addAll(List.of("-f", "mp4", file.toString()));
    Ffmpeg.run(folder, all.toArray(String[]::new));
    return file;
  }

  private static byte[] content(byte[] file, String box) {
    int at = new String(file, StandardCharsets.ISO_8859_1).indexOf(box);
    int size = ByteBuffer.wrap(file).getInt(at - 4);
    return Arrays.copyOfRange(file, at + 4, at - 4 + size);
  }
}
