package io.millrace.loadtest.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Looks into recordings. */
final class Recorded {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private Recorded() {}

  /** The files below a folder that may not exist yet, oldest name first. */
  static List<Path> files(Path folder, String ending) {
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (Stream<Path> tree = Files.walk(folder)) {
      return tree.filter(path -> path.toString().endsWith(ending)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Types of the boxes that a file is made of, up to the first that is not whole. */
  static List<String> boxes(Path file) {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      List<String> types = new ArrayList<>();
      for (int at = 0; at + 8 <= bytes.limit(); at += bytes.getInt(at)) {
        int size = bytes.getInt(at);
        if (size < 8 || size > bytes.limit() - at) {
          break;
        }
        types.add(new String(bytes.array(), at + 4, 4, StandardCharsets.ISO_8859_1));
      }
      return types;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Fails on any complaint of ffmpeg's. */
  static void decodes(Tool ffmpeg, String input) {
    Program.Result result =
        Program.run(ffmpeg.with("-v", "error", "-nostdin", "-i", input, "-f", "null", "-"), LIMIT);
    assertThat(result.exitCode()).as(String.join("\n", result.log())).isZero();
    assertThat(result.log()).as("complaints of ffmpeg about %s", input).isEmpty();
  }

  /** How many pictures are in it, whatever it says of itself. */
  static long pictures(Tool ffprobe, Path file) {
    String count =
        Program.run(
                ffprobe.with(
                    "-v",
                    "error",
                    "-count_packets",
                    "-select_streams",
                    "v",
                    "-show_entries",
                    "stream=nb_read_packets",
                    "-of",
                    "csv=p=0",
                    file.toString()),
                LIMIT)
            .orFail("ffprobe")
            .text();
    return Long.parseLong(count.strip().replace(",", ""));
  }
}
