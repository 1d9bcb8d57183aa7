package io.millrace.packager.recording;

import io.millrace.media.MediaFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What can be done with a recording of either kind. */
public final class Recordings {
  private Recordings() {}

  /**
   * Finishes a recording that was left open, whatever the reason; one that is finished stays as it
   * is. A file without even a header, which has nothing in it, is removed.
   *
   * @return false where nothing was left to keep
   */
  public static boolean finish(Path recording) throws IOException {
    if (Files.isDirectory(recording)) {
      return HlsRecording.finish(recording);
    }
    if (!Files.exists(recording)) {
      return false;
    }
    try {
      Mp4Repair.finish(recording);
      return true;
    } catch (MediaFormatException e) {
      if (Files.size(recording) <= Mp4Header.RESERVED_BYTES) {
        Files.delete(recording); // killed while the header was written
        return false;
      }
      throw new IOException(recording + ": " + e.getMessage(), e);
    }
  }
}
