package io.millrace.packager.dvr;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Bytes that lie in a file and never change. To be read off the event loops, or to be sent without
 * a copy: {@code new DefaultFileRegion(range.open(), range.position(), range.sizeBytes())}.
 *
 * <p>The file may have been removed when it is opened ({@link java.nio.file.NoSuchFileException}:
 * the interval has left the window, 404). Once open it may be read to the end whatever happens to
 * its name.
 */
public record FileRange(Path file, long position, int sizeBytes) {
  /** The caller closes it. */
  public FileChannel open() throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /** Reads all of it; blocks. */
  public byte[] read() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(sizeBytes);
    try (FileChannel opened = open()) {
      while (bytes.hasRemaining()) {
        if (opened.read(bytes, position + bytes.position()) < 0) {
          throw new EOFException(file + " ends before " + (position + sizeBytes));
        }
      }
    }
    return bytes.array();
  }
}
