package io.millrace.packager.dvr;

import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.segment.InitSegment;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An init segment in a file of its own, {@code NUMBER.init}: one {@link Frame} of number, length of
 * the format, format, and the bytes that are served.
 */
final class InitFile {
  static final String ENDING = ".init";
  private static final byte KIND = 4;

  private InitFile() {}

  static Path path(Path folder, int number) {
    return folder.resolve(number + ENDING);
  }

  static void write(Path folder, InitSegment init) throws IOException {
    byte[] format = FormatCodec.write(init.format());
    ByteBuffer content = ByteBuffer.allocate(1 + 4 + 4 + format.length + init.bytes().length);
    content.put(KIND).putInt(init.number()).putInt(format.length).put(format).put(init.bytes());
    DiskFiles.replace(path(folder, init.number()), Frame.of(content).array());
  }

  /** Null where the file does not hold one. */
  static @Nullable InitSegment read(Path file) throws IOException {
    ByteBuffer content = Frame.read(ByteBuffer.wrap(Files.readAllBytes(file)));
    if (content == null || content.remaining() < 9 || content.get() != KIND) {
      return null;
    }
    int number = content.getInt();
    int formatBytes = content.getInt();
    if (number < 0 || formatBytes < 0 || formatBytes > content.remaining()) {
      return null;
    }
    byte[] format = new byte[formatBytes];
    content.get(format);
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    return new InitSegment(
        number, FormatCodec.read(new DataInputStream(new ByteArrayInputStream(format))), bytes);
  }
}
