package io.millrace.server.record;

import static io.millrace.server.event.EventType.RECORDING_FAILED;
import static io.millrace.server.event.EventType.RECORDING_FINISHED;
import static io.millrace.server.event.EventType.RECORDING_STARTED;

import io.millrace.media.MediaFormatException;
import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.recording.HlsRecording;
import io.millrace.packager.recording.Mp4Recording;
import io.millrace.packager.recording.RecordedGroup;
import io.millrace.packager.recording.Recording;
import io.millrace.server.config.RecordPolicy;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one stream's groups into one recording after another: the next begins where a format
 * changes or one is long or large enough.
 *
 * <p>A disk that cannot be written to is an error in the log, once; the recording is closed where
 * it is, what comes is lost and counted, and every few seconds the next group tries a new
 * recording.
 *
 * <p>On the disk's thread, except for the figures.
 */
final class RecordingWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RecordingWriter.class);
  static final Duration RETRY = Duration.ofSeconds(5);

  private final StreamKey key;
  private final RecordPolicy policy;
  private final OpenRecordings journal;
  private final LongSupplier nanoTime;
  private final EventSink events;

  private @Nullable Recording current;
  private volatile String currentName = "";
  private volatile boolean failed;
  private long failedAtNanos;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong started = new AtomicLong();
  private final AtomicLong lostUs = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();

  RecordingWriter(
      StreamKey key,
      RecordPolicy policy,
      OpenRecordings journal,
      LongSupplier nanoTime,
      EventSink events) {
    this.events = events;
    this.key = key;
    this.policy = policy;
    this.journal = journal;
    this.nanoTime = nanoTime;
  }

  void write(RecordedGroup group) {
    if (failed && nanoTime.getAsLong() - failedAtNanos < RETRY.toNanos()) {
      lost(group);
      return;
    }
    try {
      if (failed) {
        journal.finishLeft(key);
      }
      Recording recording = recordingFor(group);
      if (recording == null) {
        return; // begins with media
      }
      recording.write(group);
      bytes.addAndGet(group.sizeBytes());
      if (failed) {
        failed = false;
        LOG.atInfo()
            .addKeyValue("stream", key)
            .addKeyValue("file", recording.path())
            .log("recording goes on in a new file");
      }
    } catch (IOException e) {
      lost(group);
      fails(DiskFiles.reason(e));
    } catch (MediaFormatException e) {
      lost(group);
      fails(String.valueOf(e.getMessage()));
    }
  }

  /** Counts a group that is not recorded. Any thread. */
  void lost(RecordedGroup group) {
    lostUs.addAndGet(Math.max(0, group.endUs() - group.startUs()));
  }

  private @Nullable Recording recordingFor(RecordedGroup group) throws IOException {
    Recording open = current;
    boolean full =
        open != null
            && (open.sizeBytes() >= policy.maxBytes()
                || open.durationUs() >= policy.maxDuration().toNanos() / 1_000);
    if (open != null && (full || !open.takes(group))) {
      finish();
      open = null;
    }
    return open != null ? open : group.hasMedia() ? begin(group) : null;
  }

  private Recording begin(RecordedGroup group) throws IOException {
    Path path = RecordingNames.free(policy, key, group);
    journal.opened(key, path);
    boolean begun = false;
    try {
      Recording recording =
          switch (policy.format()) {
            case FMP4 -> Mp4Recording.create(path, group);
            case HLS -> HlsRecording.create(path, group);
          };
      current = recording;
      currentName = path.toString();
      started.incrementAndGet();
      events.say(LOG, EventNote.info(RECORDING_STARTED, key, "recording").with("file", path));
      begun = true;
      return recording;
    } finally {
      if (!begun) {
        journal.dropped(path);
      }
    }
  }

  /** Closes what is open; another group begins another recording. */
  void finish() {
    Recording open = current;
    if (open == null) {
      return;
    }
    current = null;
    currentName = "";
    try {
      open.finish();
      journal.finished(key, open.path());
      events.say(
          LOG,
          EventNote.info(RECORDING_FINISHED, key, "recording closed")
              .with("file", open.path())
              .with("bytes", open.sizeBytes()));
    } catch (IOException e) {
      events.say(
          LOG,
          EventNote.warn(
                  RECORDING_FINISHED,
                  key,
                  "recording is playable and not indexed yet: that is done later")
              .with("file", open.path())
              .with("reason", DiskFiles.reason(e)));
    }
  }

  private void fails(String reason) {
    failedAtNanos = nanoTime.getAsLong();
    if (failed) {
      return;
    }
    failed = true;
    errors.incrementAndGet();
    events.say(
        LOG,
        EventNote.error(
                RECORDING_FAILED,
                key,
                "recording stopped, the stream goes on; tried again every few seconds")
            .with("to", policy.to())
            .with("reason", reason));
    finish();
  }

  /** Any thread. */
  RecordingStats stats() {
    return new RecordingStats(
        key, bytes.get(), started.get(), lostUs.get() / 1e6, errors.get(), failed, currentName);
  }
}
