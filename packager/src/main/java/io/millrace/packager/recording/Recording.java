package io.millrace.packager.recording;

import java.io.IOException;
import java.nio.file.Path;

/**
 * A recording that is being written. On the disk's thread.
 *
 * <p>Where {@link #write} fails, what was written before stays as it was and the recording is to be
 * finished; the group may be given to another one.
 */
public sealed interface Recording permits Mp4Recording, HlsRecording {
  /** The file, or the folder of the tree. */
  Path path();

  /** True where the group can be written here: its tracks and their formats fit. */
  boolean takes(RecordedGroup group);

  void write(RecordedGroup group) throws IOException;

  long sizeBytes();

  /** From the first group to the end of the last. */
  long durationUs();

  /**
   * Closes it in good order, with its index. Where that fails the file is closed all the same, is
   * playable, and may be finished later by {@link Recordings#finish}.
   */
  void finish() throws IOException;
}
