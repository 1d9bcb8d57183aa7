package io.millrace.packager.dvr;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskFiles;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What holds for all renditions of a stream, in the file {@code stream.meta}: one {@link Frame},
 * written once.
 *
 * @param epoch wall-clock time of tick 0
 * @param instance part of the names of media files
 */
record StreamMeta(StreamKey key, Instant epoch, String instance) {
  private static final byte KIND = 6;
  private static final String FILE = "stream.meta";

  void write(Path folder) throws IOException {
    byte[] app = key.app().getBytes(StandardCharsets.UTF_8);
    byte[] name = key.name().getBytes(StandardCharsets.UTF_8);
    byte[] part = instance.getBytes(StandardCharsets.UTF_8);
    ByteBuffer content =
        ByteBuffer.allocate(1 + 8 + 4 + 3 * 4 + app.length + name.length + part.length);
    content.put(KIND).putLong(epoch.getEpochSecond()).putInt(epoch.getNano());
    for (byte[] text : new byte[][] {app, name, part}) {
      content.putInt(text.length).put(text);
    }
    DiskFiles.replace(folder.resolve(FILE), Frame.of(content).array());
  }

  /** Null where there is none, or none that can be read. */
  static @Nullable StreamMeta read(Path folder) throws IOException {
    Path file = folder.resolve(FILE);
    if (!Files.exists(file)) {
      return null;
    }
    ByteBuffer content = Frame.read(ByteBuffer.wrap(Files.readAllBytes(file)));
    if (content == null) {
      return null;
    }
    try {
      if (content.get() != KIND) {
        return null;
      }
      Instant epoch = Instant.ofEpochSecond(content.getLong(), content.getInt());
      StreamKey key = new StreamKey(text(content), text(content));
      return new StreamMeta(key, epoch, text(content));
    } catch (BufferUnderflowException | DateTimeException e) {
      return null;
    }
  }

  private static String text(ByteBuffer content) {
    int length = content.getInt();
    if (length < 0 || length > content.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] bytes = new byte[length];
    content.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
