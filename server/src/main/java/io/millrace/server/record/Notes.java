package io.millrace.server.record;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskFiles;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Recordings to come back to, one small file each: three lines, percent-encoded, of the stream's
 * app and name and the recording's path. Thread-safe, for each is written whole or not at all.
 */
final class Notes {
  private static final Logger LOG = LoggerFactory.getLogger(Notes.class);
  private static final int NAME_BYTES = 16;

  record Note(StreamKey key, Path recording) {}

  private final Path folder;
  private final String ending;

  Notes(Path folder, String ending) {
    this.folder = folder;
    this.ending = ending;
  }

  void write(Note note) throws IOException {
    Files.createDirectories(folder);
    String text =
        Stream.of(note.key.app(), note.key.name(), note.recording.toAbsolutePath().toString())
            .map(line -> URLEncoder.encode(line, StandardCharsets.UTF_8) + "\n")
            .reduce("", String::concat);
    DiskFiles.replace(file(note.recording), text.getBytes(StandardCharsets.UTF_8));
  }

  void remove(Path recording) {
    try {
      Files.deleteIfExists(file(recording));
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("file", file(recording))
          .addKeyValue("reason", DiskFiles.reason(e))
          .log("cannot be removed");
    }
  }

  private Path file(Path recording) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(recording.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
      return folder.resolve(HexFormat.of().formatHex(digest, 0, NAME_BYTES) + ending);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has it
    }
  }

  /** What cannot be read is told and left alone. */
  List<Note> all() {
    List<Note> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path file : entries.filter(each -> each.toString().endsWith(ending)).sorted().toList()) {
        List<String> lines =
            Files.readAllLines(file).stream()
                .map(line -> URLDecoder.decode(line, StandardCharsets.UTF_8))
                .toList();
        if (lines.size() == 3) {
          StreamKey key = new StreamKey(lines.get(0), lines.get(1));
          found.add(new Note(key, Path.of(lines.get(2))));
        } else {
          LOG.atWarn().addKeyValue("file", file).log("not a note of a recording");
        }
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.atWarn().addKeyValue("folder", folder).setCause(e).log("notes cannot be read");
    }
    return found;
  }
}
