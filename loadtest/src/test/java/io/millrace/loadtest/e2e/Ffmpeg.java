package io.millrace.loadtest.e2e;

import io.millrace.loadtest.bench.BundledFfmpeg;
import io.millrace.loadtest.process.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** ffmpeg as an independent decoder and prober. */
public final class Ffmpeg {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int HASH_COLUMN = 5;

  private final Tool ffmpeg;
  private final Tool ffprobe;
  private final Path folder;

  private Ffmpeg(Tool ffmpeg, Tool ffprobe, Path folder) {
    this.ffmpeg = ffmpeg;
    this.ffprobe = ffprobe;
    this.folder = folder;
  }

  /**
   * The installed one.
   *
   * @param folder for files; the caller removes it
   */
  public static Ffmpeg require(Path folder) {
    return new Ffmpeg(Tool.require("ffmpeg"), Tool.require("ffprobe"), folder);
  }

  /** The one of the jar that the server's codecs come from: FFmpeg 8, with Enhanced RTMP. */
  public static Ffmpeg bundled(Path folder) {
    Path program = Bundle.program();
    return new Ffmpeg(
        new Tool("ffmpeg", program),
        new Tool("ffprobe", program.resolveSibling("ffprobe")),
        folder);
  }

  /** Unpacked once a run. */
  private static final class Bundle {
    private static @Nullable Path program;

    private static synchronized Path program() {
      if (program != null) {
        return program;
      }
      Path directory =
          Path.of(System.getProperty("basedir", "")).toAbsolutePath().resolve("target/ffmpeg");
      try {
        if (Files.exists(directory)) {
          Directories.delete(directory);
        }
        Files.createDirectories(directory);
        Path unpacked = BundledFfmpeg.extract(directory);
        Program.run(List.of(unpacked.toString(), "-version"), LIMIT).orFail("ffmpeg -version");
        program = unpacked;
        return unpacked;
      } catch (IOException | AssertionError e) {
        return Tool.missing("the bundled FFmpeg does not start: " + e.getMessage());
      }
    }
  }

  /** The program itself. */
  public Tool program() {
    return ffmpeg;
  }

  /** Decodes all of a recording; what the decoder complains about, one line each. */
  public List<String> decode(HlsClient.Track track) {
    return track.pieces().stream().flatMap(piece -> decodePiece(piece).stream()).toList();
  }

  private List<String> decodePiece(HlsClient.Track track) {
    Program.Result result =
        Program.run(
            ffmpeg.with(
                "-v",
                "error",
                "-nostdin",
                "-i",
                file(track).toString(),
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                "-1",
                "-f",
                "null",
                "-"),
            LIMIT);
    List<String> problems =
        new ArrayList<>(result.log().stream().map(line -> track.name() + ": " + line).toList());
    if (result.exitCode() != 0) {
      problems.add(track.name() + ": ffmpeg exit code " + result.exitCode());
    }
    return problems;
  }

  /** Frames that really decode. */
  public long countFrames(HlsClient.Track track) {
    String stream = track.isVideo() ? "v:0" : "a:0";
    return Long.parseLong(
        probe(
                List.of(
                    "-count_frames",
                    "-select_streams",
                    stream,
                    "-show_entries",
                    "stream=nb_read_frames",
                    "-of",
                    "csv=p=0",
                    file(track).toString()))
            .replaceAll("[^0-9]", ""));
  }

  /** True when two pictures of a file have the same decoding time: a fault of the clip's own. */
  public boolean repeatsTimes(Path file) {
    List<String> times =
        probe(
                List.of(
                    "-select_streams",
                    "v:0",
                    "-show_entries",
                    "packet=dts",
                    "-of",
                    "csv=p=0",
                    file.toString()))
            .lines()
            .toList();
    return new HashSet<>(times).size() < times.size();
  }

  /** One hash for each access unit, in decoding order. */
  public List<String> hashes(Path file, String stream) {
    return hashes(file, stream, List.of());
  }

  /**
   * One hash for the slices of each access unit, in decoding order: what a multiplexer may put in
   * or leave out, such as delimiters and parameter sets, is not looked at.
   *
   * @param codec {@code h264} or {@code hevc}
   */
  public List<String> slices(Path file, String codec) {
    String types = codec.equals("hevc") ? "0-31" : "1-5";
    String filters =
        codec + "_mp4toannexb,filter_units=pass_types=" + types + "," + codec + "_metadata";
    return hashes(file, "v:0", List.of("-bsf:v", filters));
  }

  private List<String> hashes(Path file, String stream, List<String> filters) {
    List<String> arguments =
        new ArrayList<>(List.of("-v", "error", "-nostdin", "-i", file.toString()));
    arguments.addAll(List.of("-map", "0:" + stream, "-c", "copy"));
    arguments.addAll(filters);
    arguments.addAll(List.of("-f", "framehash", "-hash", "sha256", "-"));
    String text = Program.run(ffmpeg.with(arguments), LIMIT).orFail("ffmpeg framehash").text();
    return text.lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split(",")[HASH_COLUMN].strip())
        .toList();
  }

  /**
   * Reads a live playlist or manifest for a while as any ffmpeg user would; what it complains
   * about.
   */
  public List<String> readLive(URI uri, Duration duration) {
    Program.Result result =
        Program.run(
            ffmpeg.with(
                "-v",
                "error",
                "-nostdin",
                "-i",
                uri.toString(),
                "-t",
                "" + duration.toSeconds(),
                "-map",
                "0:v:0?",
                "-map",
                "0:a:0?",
                "-f",
                "null",
                "-"),
            LIMIT);
    List<String> problems = new ArrayList<>(result.log());
    if (result.exitCode() != 0) {
      problems.add("exit code " + result.exitCode());
    }
    return problems;
  }

  public String probe(List<String> arguments) {
    List<String> all = new ArrayList<>(List.of("-v", "error"));
    all.addAll(arguments);
    return Program.run(ffprobe.with(all), LIMIT).orFail("ffprobe").text();
  }

  /** Decodes the mean brightness (0–255) of each picture, in presentation order. */
  public byte[] brightness(HlsClient.Track track) {
    return raw(
        file(track),
        "-vf",
        "scale=1:1:flags=area,format=gray",
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo");
  }

  /** Decodes to mono samples of 16 bits, little-endian, at the source's rate. */
  public byte[] sound(HlsClient.Track track) {
    return raw(file(track), "-ac", "1", "-f", "s16le");
  }

  private byte[] raw(Path file, String... arguments) {
    List<String> all = new ArrayList<>(List.of("-v", "error", "-nostdin", "-i", file.toString()));
    all.addAll(List.of(arguments));
    all.add("-");
    return Program.run(ffmpeg.with(all), LIMIT).orFail("ffmpeg").output();
  }

  public Path file(HlsClient.Track track) {
    Path file = folder.resolve(track.name().replaceAll("[^A-Za-z0-9-]", "_") + ".mp4");
    try {
      Files.write(file, track.file());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /** Runs ffmpeg to make a file. */
  public Path make(String name, List<String> arguments) {
    Path file = folder.resolve(name);
    List<String> all = new ArrayList<>(List.of("-v", "error", "-nostdin", "-y"));
    all.addAll(arguments);
    all.add(file.toString());
    Program.run(ffmpeg.with(all), LIMIT).orFail("ffmpeg");
    return file;
  }
}
