package io.millrace.loadtest.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * The FFmpeg programs out of the same jar whose libraries Millrace uses, so that both sides run the
 * same codecs. It needs libxcb, libasound and libpulse from the system.
 */
public final class BundledFfmpeg {
  private static final String FOLDER = "org/bytedeco/ffmpeg/linux-x86_64";

  private BundledFfmpeg() {}

  /**
   * Copies the programs and their libraries.
   *
   * @param directory exists and is empty
   * @return {@code ffmpeg}; {@code ffprobe} is beside it
   * @throws IOException when the jar with x264 is not on the class path
   */
  public static Path extract(Path directory) throws IOException {
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
        if (name.equals("ffmpeg")
            || name.equals("ffprobe")
            || name.matches("lib[a-z0-9-]+\\.so[.0-9]*")) {
          try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, directory.resolve(name));
          }
        }
      }
    }
    for (String name : List.of("ffprobe", "ffmpeg")) {
      if (!directory.resolve(name).toFile().setExecutable(true)) {
        throw new IOException(name + " cannot be made executable");
      }
    }
    return directory.resolve("ffmpeg");
  }
}
