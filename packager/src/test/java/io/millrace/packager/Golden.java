package io.millrace.packager;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.bmff.Box;
import io.millrace.packager.bmff.BoxReader;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;

/**
 * Texts that a person can diff, under {@code src/test/resources/golden}. {@code
 * -Dgolden.regenerate=true} writes them anew.
 */
public final class Golden {
  private static final Path DIRECTORY = Path.of("src/test/resources/golden");

  private Golden() {}

  public static void assertMatches(String name, String text) throws IOException {
    Path file = DIRECTORY.resolve(name);
    if (Boolean.getBoolean("golden.regenerate")) {
      Files.createDirectories(DIRECTORY);
      Files.writeString(file, text);
    }
    assertThat(text).as("golden %s", name).isEqualTo(Files.readString(file));
  }

  /** Every box on a line of its own, with its size and fields. */
  public static String dump(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    BoxReader.read(bytes).forEach(box -> dump(out, box, ""));
    return out.toString();
  }

  private static void dump(StringBuilder out, Box box, String indent) {
    out.append(indent).append(box.type()).append(' ').append(box.sizeBytes());
    StringBuilder below = new StringBuilder();
    for (RecordComponent component : box.getClass().getRecordComponents()) {
      Object value = value(box, component);
      if (component.getName().equals("type")) {
        continue;
      } else if (value instanceof Box child) {
        dump(below, child, indent + "  ");
      } else if (value instanceof List<?> list
          && !list.isEmpty()
          && list.getFirst() instanceof Record) {
        list.forEach(element -> element(below, element, indent + "  "));
      } else if (!(value instanceof List<?> list && list.isEmpty())) {
        out.append(' ').append(component.getName()).append('=').append(text(value));
      }
    }
    out.append('\n').append(below);
  }

  private static void element(StringBuilder out, Object element, String indent) {
    if (element instanceof Box child) {
      dump(out, child, indent);
    } else {
      out.append(indent).append(element).append('\n');
    }
  }

  private static Object value(Box box, RecordComponent component) {
    try {
      return component.getAccessor().invoke(box);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(Object value) {
    return value instanceof byte[] bytes
        ? bytes.length + ":" + HexFormat.of().formatHex(bytes, 0, Math.min(48, bytes.length))
        : String.valueOf(value);
  }
}
