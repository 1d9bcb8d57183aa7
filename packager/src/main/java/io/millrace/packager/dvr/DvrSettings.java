package io.millrace.packager.dvr;

import java.time.Duration;

/**
 * How much of a stream is kept, and in which files. Whole files are removed from the old end, so
 * files are small against the window.
 *
 * @param window how far back viewers may go
 * @param maxBytes of all renditions of the stream
 * @param fileBytes a file that has grown so large is followed by another one
 * @param fileDuration so is one that lasts so long
 * @param retry how long a store that cannot write waits before it tries again
 */
public record DvrSettings(
    Duration window, long maxBytes, long fileBytes, Duration fileDuration, Duration retry) {
  private static final int FILES = 16;
  private static final long MIN_FILE_BYTES = 1 << 20;
  private static final long MAX_FILE_BYTES = 256L << 20;
  private static final Duration MIN_FILE = Duration.ofSeconds(20);
  private static final Duration MAX_FILE = Duration.ofHours(1);

  /** Files of a sixteenth of the window, from 20 s to an hour; retries every 5 s. */
  public static DvrSettings of(Duration window, long maxBytes) {
    Duration file = window.dividedBy(FILES);
    return new DvrSettings(
        window,
        maxBytes,
        Math.clamp(maxBytes / (2 * FILES), MIN_FILE_BYTES, MAX_FILE_BYTES),
        file.compareTo(MIN_FILE) < 0 ? MIN_FILE : file.compareTo(MAX_FILE) > 0 ? MAX_FILE : file,
        Duration.ofSeconds(5));
  }
}
