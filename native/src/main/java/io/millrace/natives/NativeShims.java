package io.millrace.natives;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Loads {@code libmillrace.so}, which every shim is in, once a process. It travels as a class-path
 * resource and is loaded from a private temporary file that is gone again when loading is done.
 */
public final class NativeShims {
  private NativeShims() {}

  private static final class Holder {
    static {
      load();
    }

    static void touch() {}

    private static void load() {
      String resource = platform() + "/" + System.mapLibraryName("millrace");
      try (InputStream library = NativeShims.class.getResourceAsStream(resource)) {
        if (library == null) {
          throw new UnsatisfiedLinkError("no native shims for this platform: " + resource);
        }
        // createTempFile makes it readable and writable by the owner only.
        Path file = Files.createTempFile("millrace-", ".so");
        try {
          Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
          System.load(file.toString());
        } finally {
          Files.deleteIfExists(file);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("cannot unpack the native shims", e);
      }
    }
  }

  /**
   * Makes sure that the shims are loaded.
   *
   * @throws LinkageError when they are missing for this platform or cannot be loaded
   */
  public static void load() {
    Holder.touch();
  }

  /** The resource folder of this platform, such as {@code linux-x86_64}. */
  static String platform() {
    String os = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch", "");
    return (os.startsWith("linux") ? "linux" : os.replace(' ', '_'))
        + "-"
        + (arch.equals("amd64") ? "x86_64" : arch);
  }
}
