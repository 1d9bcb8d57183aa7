package io.millrace.media;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Test resources. */
public final class Fixtures {
  private Fixtures() {}

  /** The bytes of a resource, by its absolute name: {@code /av1/low_delay.obu}. */
  public static byte[] bytes(String name) {
    try (InputStream in = Fixtures.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalArgumentException("no test resource " + name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One line of a table; shown by its first cell. */
  public record Row(List<String> cells) {
    public String get(int column) {
      return cells.get(column);
    }

    public int number(int column) {
      return Integer.parseInt(get(column));
    }

    @Override
    public String toString() {
      return get(0);
    }
  }

  /** The lines of a table, split at spaces, without comments. */
  public static List<Row> table(String name) {
    return new String(bytes(name), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.startsWith("#") && !line.isBlank())
        .map(line -> new Row(List.of(line.split(" "))))
        .toList();
  }

  /** A rate or ratio of a table, null for {@code -}. */
  public static Rational rational(String text) {
    if (text.equals("-")) {
      return null;
    }
    String[] parts = text.split("/");
    return new Rational(
        Integer.parseInt(parts[0]), parts.length > 1 ? Integer.parseInt(parts[1]) : 1);
  }

  /** {@code primaries/transfer/matrix/full}. */
  public static Colour colour(String text) {
    String[] parts = text.split("/");
    return new Colour(
        Integer.parseInt(parts[0]),
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        parts[3].equals("1"));
  }
}
