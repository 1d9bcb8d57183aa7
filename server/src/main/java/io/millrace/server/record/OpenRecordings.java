package io.millrace.server.record;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.recording.Recordings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Remembers on disk which recordings are not finished, each in a small file of its own under {@code
 * data.dir}: what a crash or a full disk has left open is finished later, wherever it lies.
 *
 * <p>Disk's thread.
 */
final class OpenRecordings {
  private static final Logger LOG = LoggerFactory.getLogger(OpenRecordings.class);

  /** Takes recordings that are finished. */
  interface Finished {
    void accept(StreamKey key, Path recording);
  }

  private final Notes notes;
  private final Finished next;

  OpenRecordings(Path folder, Finished next) {
    this.notes = new Notes(folder, ".open");
    this.next = next;
  }

  void opened(StreamKey key, Path recording) throws IOException {
    notes.write(new Notes.Note(key, recording));
  }

  void finished(StreamKey key, Path recording) {
    next.accept(key, recording);
    dropped(recording);
  }

  void dropped(Path recording) {
    notes.remove(recording);
  }

  /** Finishes what an earlier process has left open. */
  void finishAll() {
    finish(notes.all());
  }

  /** Finishes what could not be finished of one stream; it has none open. */
  void finishLeft(StreamKey key) {
    finish(notes.all().stream().filter(note -> note.key().equals(key)).toList());
  }

  private void finish(List<Notes.Note> left) {
    for (Notes.Note note : left) {
      try {
        if (Recordings.finish(note.recording())) {
          LOG.atInfo()
              .addKeyValue("stream", note.key())
              .addKeyValue("file", note.recording())
              .log("recording closed that had been left open");
          finished(note.key(), note.recording());
        } else {
          dropped(note.recording());
        }
      } catch (IOException e) {
        LOG.atWarn()
            .addKeyValue("stream", note.key())
            .addKeyValue("file", note.recording())
            .addKeyValue("reason", DiskFiles.reason(e))
            .log("recording could not be closed");
      }
    }
  }
}
