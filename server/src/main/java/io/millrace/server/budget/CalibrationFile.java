package io.millrace.server.budget;

import io.millrace.codec.Profile;
import io.millrace.codec.cost.Costs;
import io.millrace.codec.cost.EncoderCost;
import io.millrace.codec.cost.PixelCost;
import io.millrace.media.VideoCodec;
import io.millrace.server.budget.Calibration.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code calibration.txt} in the data directory: a {@link Calibration} as lines that a person can
 * read, which may be deleted at any time.
 *
 * <pre>
 * made 2026-11-29T05:00:00Z
 * cpu AMD EPYC 9R14
 * …
 * encoder h264 fast veryfast 921600 0.012345      CPU seconds a picture of so many pixels
 * decoding 2073600 0.005
 * scaling 2995200 0.002
 * sound 0.02                                      CPU seconds a second
 * </pre>
 */
public final class CalibrationFile {
  private static final Logger LOG = LoggerFactory.getLogger(CalibrationFile.class);
  private static final String NAME = "calibration.txt";
  private static final long MAX_BYTES = 1 << 20;

  private CalibrationFile() {}

  /** Where it is. */
  public static Path in(Path dataDir) {
    return dataDir.resolve(NAME);
  }

  /** Writes, all or nothing; makes the directory where there is none. */
  public static void write(Path dataDir, Calibration calibration) throws IOException {
    Files.createDirectories(dataDir);
    Path temporary = Files.createTempFile(dataDir, NAME, ".tmp");
    try {
      Files.writeString(temporary, text(calibration));
      Files.move(temporary, in(dataDir), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static String text(Calibration calibration) {
    Identity identity = calibration.identity();
    StringBuilder text = new StringBuilder();
    text.append("# What encoding costs on this machine, in CPU seconds. Made by millrace plan.\n");
    line(text, "made", calibration.made());
    line(text, "cpu", identity.cpu());
    line(text, "cores", identity.cores());
    line(text, "h264", identity.h264());
    line(text, "av1", identity.av1());
    line(text, "version", identity.version());
    Costs costs = calibration.costs();
    for (EncoderCost cost : costs.encoders()) {
      line(
          text,
          "encoder",
          word(cost.codec()),
          word(cost.profile()),
          cost.preset(),
          cost.pixels(),
          cost.pictureSeconds());
    }
    costs.decoding().forEach(cost -> line(text, "decoding", cost.pixels(), cost.pictureSeconds()));
    costs.scaling().forEach(cost -> line(text, "scaling", cost.pixels(), cost.pictureSeconds()));
    line(text, "sound", costs.soundSecond());
    return text.toString();
  }

  private static void line(StringBuilder text, Object... words) {
    for (int i = 0; i < words.length; i++) {
      text.append(i == 0 ? "" : " ").append(words[i]);
    }
    text.append('\n');
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  /** What was measured; nothing where there is none, or none that can be read, which is logged. */
  public static Optional<Calibration> read(Path dataDir) {
    Path file = in(dataDir);
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new IOException("too large");
      }
      return Optional.of(parse(Files.readAllLines(file, StandardCharsets.UTF_8)));
    } catch (IOException | IllegalArgumentException | DateTimeException e) {
      LOG.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("reason", e.getMessage())
          .log("calibration cannot be read, as if there were none");
      return Optional.empty();
    }
  }

  /**
   * @throws IllegalArgumentException for what {@link #text} does not write
   */
  private static Calibration parse(List<String> lines) {
    List<EncoderCost> encoders = new ArrayList<>();
    for (String[] words : values(lines, "encoder", 5)) {
      encoders.add(
          new EncoderCost(
              VideoCodec.valueOf(words[0].toUpperCase(Locale.ROOT)),
              Profile.valueOf(words[1].toUpperCase(Locale.ROOT)),
              words[2],
              Long.parseLong(words[3]),
              Double.parseDouble(words[4])));
    }
    return new Calibration(
        new Identity(
            text(lines, "cpu"),
            Integer.parseInt(text(lines, "cores")),
            text(lines, "h264"),
            text(lines, "av1"),
            text(lines, "version")),
        Instant.parse(text(lines, "made")),
        new Costs(
            encoders,
            pixels(lines, "decoding"),
            pixels(lines, "scaling"),
            Double.parseDouble(text(lines, "sound"))));
  }

  private static List<PixelCost> pixels(List<String> lines, String key) {
    Function<String[], PixelCost> read =
        words -> new PixelCost(Long.parseLong(words[0]), Double.parseDouble(words[1]));
    return values(lines, key, 2).stream()
        .map(read)
        .sorted(Comparator.comparingLong(PixelCost::pixels))
        .toList();
  }

  private static String text(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key + " "))
        .findFirst()
        .map(line -> line.substring(key.length() + 1))
        .orElseThrow(() -> new IllegalArgumentException("no line " + key));
  }

  private static List<String[]> values(List<String> lines, String key, int words) {
    List<String[]> found = new ArrayList<>();
    for (String line : lines) {
      if (line.startsWith(key + " ")) {
        String[] read = line.substring(key.length() + 1).split(" ", -1);
        if (read.length != words) {
          throw new IllegalArgumentException("a line of another form: " + line);
        }
        found.add(read);
      }
    }
    return found;
  }
}
