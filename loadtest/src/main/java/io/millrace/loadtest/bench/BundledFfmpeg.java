package io.millrace.loadtest.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The FFmpeg program out of the same jar whose libraries Millrace uses, so that both sides run the
 * same codecs. It needs libxcb, libasound and libpulse from the system.
 */
final class BundledFfmpeg {
  private static final String FOLDER = "org/bytedeco/ffmpeg/linux-x86_64";

  private BundledFfmpeg() {}

  /**
   * Copies the program and its libraries.
   *
   * @return the program
   * @throws IOException when the jar with x264 is not on the class path
   */
  static Path extract(Path directory) throws IOException {
    String folder = FOLDER + "-gpl/";
    URL program = BundledFfmpeg.class.getClassLoader().getResource(folder + "ffmpeg");
    if (program == null || !(program.openConnection() instanceof JarURLConnection connection)) {
      throw new IOException("no FFmpeg bundle with x264 on the class path");
    }
    connection.setUseCaches(false);
    try (JarFile jar = connection.getJarFile()) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        String name =
            entry.getName().startsWith(folder) ? entry.getName().substring(folder.length()) : "";
        if (name.equals("ffmpeg") || name.matches("lib[a-z0-9-]+\\.so[.0-9]*")) {
          try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, directory.resolve(name));
          }
        }
      }
    }
    Path copy = directory.resolve("ffmpeg");
    if (!copy.toFile().setExecutable(true)) {
      throw new IOException(copy + " cannot be made executable");
    }
    return copy;
  }
}
