package io.millrace.loadtest.bench;

import io.millrace.loadtest.process.ManagedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Media to measure with: a given file, or one that ffmpeg makes once. */
public final class Clip {
  private static final int SYNTHETIC_SECONDS = 60;

  private Clip() {}

  /**
   * A synthetic clip: 720p30 H.264 of 2.5 Mbit/s with 2 B-frames and a key frame every 2 s, and AAC
   * stereo of 128 kbit/s. Test bars with noise over them, so that the bit rate is really used.
   */
  static Path synthetic(String ffmpeg, Path directory) throws IOException, InterruptedException {
    Path clip = directory.resolve("clip-720p30.mp4");
    String seconds = Integer.toString(SYNTHETIC_SECONDS);
    ManagedProcess.output(
        Duration.ofMinutes(5),
        directory,
        List.of(
            ffmpeg,
            "-nostdin",
            "-loglevel",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=1280x720:rate=30,noise=alls=12:allf=t",
            "-f",
            "lavfi",
            "-i",
            "sine=frequency=440:sample_rate=48000",
            "-t",
            seconds,
            "-c:v",
            "libx264",
            "-preset",
            "veryfast",
            "-pix_fmt",
            "yuv420p",
            "-b:v",
            "2500k",
            "-maxrate",
            "2500k",
            "-bufsize",
            "2500k",
            "-bf",
            "2",
            "-g",
            "60",
            "-keyint_min",
            "60",
            "-sc_threshold",
            "0",
            "-c:a",
            "aac",
            "-b:a",
            "128k",
            "-ac",
            "2",
            clip.toString()));
    return clip;
  }

  /** Repeats {@code source} without encoding until it lasts {@code duration}, in an FLV file. */
  public static Path looped(String ffmpeg, Path source, Duration duration, Path directory)
      throws IOException, InterruptedException {
    Path clip = directory.resolve("looped.flv");
    ManagedProcess.output(
        Duration.ofMinutes(2),
        directory,
        List.of(
            ffmpeg,
            "-nostdin",
            "-loglevel",
            "error",
            "-y",
            "-stream_loop",
            "-1",
            "-i",
            source.toString(),
            "-t",
            Long.toString(duration.toSeconds()),
            "-c",
            "copy",
            "-f",
            "flv",
            clip.toString()));
    return clip;
  }

  /** What a clip is, in ffprobe's words: codec, size, rate. */
  static String describe(String ffprobe, Path clip) throws IOException, InterruptedException {
    String entries = "stream=codec_name,width,height,r_frame_rate,bit_rate,sample_rate";
    String text =
        ManagedProcess.output(
            Duration.ofSeconds(30),
            Path.of("").toAbsolutePath(),
            List.of(
                ffprobe,
                "-v",
                "error",
                "-show_entries",
                entries,
                "-of",
                "csv=p=0",
                clip.toString()));
    return Files.size(clip) / 1_000 + " kB: " + text.strip().replace("\n", "; ");
  }
}
