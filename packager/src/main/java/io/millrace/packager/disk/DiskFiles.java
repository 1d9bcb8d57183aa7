package io.millrace.packager.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** What has to be done right each time that a file is written. */
public final class DiskFiles {
  private DiskFiles() {}

  /** Writes all of {@code bytes} at {@code position}; returns where they end. */
  public static long writeFully(FileChannel file, ByteBuffer bytes, long position)
      throws IOException {
    long at = position;
    while (bytes.hasRemaining()) {
      at += file.write(bytes, at);
    }
    return at;
  }

  /**
   * A small file as a whole or not at all, also over a power cut: written beside, forced, renamed,
   * and the directory forced.
   */
  public static void replace(Path file, byte[] content) throws IOException {
    Path written = file.resolveSibling(file.getFileName() + ".tmp");
    try (FileChannel out =
        FileChannel.open(
            written,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      writeFully(out, ByteBuffer.wrap(content), 0);
      out.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(written);
      throw e;
    }
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      forceDirectory(folder);
    }
  }

  /** Makes names that were made or removed in {@code directory} last over a power cut. */
  public static void forceDirectory(Path directory) throws IOException {
    try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  /** What a person should read of a failure: the system's own words where there are some. */
  public static String reason(IOException failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.getClass().getSimpleName() : message;
  }
}
