package io.millrace.server.record;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.SafeName;
import io.millrace.packager.recording.RecordedGroup;
import io.millrace.server.config.RecordPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** {@code TO/APP/NAME/NAME-DATE.mp4}, in UTC, of the first picture. */
final class RecordingNames {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private static final int MAX_OF_ONE_SECOND = 1_000;

  private RecordingNames() {}

  /** A path at which nothing is, in a folder that exists. */
  static Path free(RecordPolicy policy, StreamKey key, RecordedGroup first) throws IOException {
    String name = SafeName.of(key.name());
    Path folder = policy.to().toAbsolutePath().resolve(SafeName.of(key.app())).resolve(name);
    Files.createDirectories(folder);
    Instant start = first.epoch().plus(Duration.ofNanos(1_000).multipliedBy(first.startUs()));
    String base = name + "-" + DATE.format(start);
    String ending =
        switch (policy.format()) {
          case FMP4 -> ".mp4";
          case HLS -> "";
        };
    for (int i = 1; i <= MAX_OF_ONE_SECOND; i++) {
      Path path = folder.resolve(base + (i == 1 ? "" : "-" + i) + ending);
      if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
        return path;
      }
    }
    throw new IOException(folder.resolve(base + ending) + ": too many of one second");
  }
}
