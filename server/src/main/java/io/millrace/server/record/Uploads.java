package io.millrace.server.record;

import io.millrace.media.StreamKey;
import io.millrace.packager.disk.DiskFiles;
import io.millrace.packager.disk.SafeName;
import io.millrace.server.config.UploadPolicy;
import io.millrace.server.event.EventNote;
import io.millrace.server.event.EventSink;
import io.millrace.server.event.EventType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends finished recordings to an S3 store until they are there. Which are pending lies in a note
 * each under {@code data.dir}, so a restart forgets none; an attempt that fails is made again after
 * a time that doubles and is spread by chance. Some recordings are on their way at once, the files
 * of one after the other, playlists last.
 *
 * <p>Thread-safe.
 */
final class Uploads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
  private static final int MAX_DOUBLINGS = 20;

  private final Notes notes;
  private final Function<StreamKey, @Nullable UploadPolicy> policies;
  private final UploadSettings settings;
  private final EventSink events;
  private final ScheduledThreadPoolExecutor threads;
  private final Map<UploadPolicy, ObjectStore> stores = new ConcurrentHashMap<>();
  private final AtomicLong pending = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong errors = new AtomicLong();

  Uploads(
      Path folder,
      Function<StreamKey, @Nullable UploadPolicy> policies,
      UploadSettings settings,
      EventSink events) {
    this.events = events;
    this.notes = new Notes(folder, ".upload");
    this.policies = policies;
    this.settings = settings;
    this.threads =
        new ScheduledThreadPoolExecutor(
            settings.atOnce(), Thread.ofPlatform().daemon().name("upload-", 0).factory());
    threads.setRemoveOnCancelPolicy(true);
  }

  /** Takes up what an earlier process had not sent. */
  void start() {
    submit(
        () -> {
          for (Notes.Note note : notes.all()) {
            pending.incrementAndGet();
            submit(() -> attempt(note, 0, new HashSet<>()), 0);
          }
        },
        0);
  }

  /** Takes a recording that is finished. */
  void add(StreamKey key, Path recording) {
    Notes.Note note = new Notes.Note(key, recording);
    try {
      notes.write(note);
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("file", recording)
          .addKeyValue("reason", DiskFiles.reason(e))
          .log("cannot be noted for upload: a restart would forget it");
    }
    pending.incrementAndGet();
    submit(() -> attempt(note, 0, new HashSet<>()), 0);
  }

  private void submit(Runnable task, long delayMs) {
    try {
      var unused = threads.schedule(task, delayMs, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // At the end; what is noted is taken up at the next start.
    }
  }

  /**
   * @param done files that are there already
   */
  private void attempt(Notes.Note note, int failures, Set<Path> done) {
    UploadPolicy policy = policies.apply(note.key());
    if (policy == null) {
      LOG.atWarn()
          .addKeyValue("stream", note.key())
          .addKeyValue("file", note.recording())
          .log("recording is to be uploaded, and record.upload is not configured any more");
      pending.decrementAndGet(); // the note stays, for when it is again
      return;
    }
    try {
      boolean there = Files.exists(note.recording());
      if (there) {
        send(note, policy, done);
      }
      notes.remove(note.recording());
      pending.decrementAndGet();
      sent.addAndGet(there ? 1 : 0);
    } catch (IOException | UncheckedIOException e) {
      if (threads.isShutdown()) {
        return;
      }
      errors.incrementAndGet();
      long delayMs = delayMs(failures);
      events.say(
          LOG,
          EventNote.warn(EventType.UPLOAD_FAILED, note.key(), "upload failed")
              .with("file", note.recording())
              .with("reason", String.valueOf(e.getMessage()))
              .with("retryInMs", delayMs));
      submit(() -> attempt(note, failures + 1, done), delayMs);
    }
  }

  private long delayMs(int failures) {
    long doubled = settings.firstRetry().toMillis() << Math.min(failures, MAX_DOUBLINGS);
    long most = Math.min(doubled, settings.lastRetry().toMillis());
    return most / 2 + ThreadLocalRandom.current().nextLong(most / 2 + 1);
  }

  private void send(Notes.Note note, UploadPolicy policy, Set<Path> done) throws IOException {
    ObjectStore store = stores.computeIfAbsent(policy, it -> new ObjectStore(it, settings));
    String base =
        policy.prefix()
            + SafeName.of(note.key().app())
            + "/"
            + SafeName.of(note.key().name())
            + "/"
            + note.recording().getFileName();
    List<Path> files = files(note.recording());
    for (Path file : files) {
      if (!done.contains(file)) {
        String name =
            file.equals(note.recording())
                ? base
                : base + "/" + note.recording().relativize(file).toString();
        store.put(file, name, contentType(file), bytes::addAndGet);
        done.add(file);
      }
    }
    events.say(
        LOG,
        EventNote.info(EventType.UPLOAD_FINISHED, note.key(), "recording uploaded")
            .with("object", base)
            .with("files", files.size()));
    if (policy.delete()) {
      delete(note.recording());
    }
  }

  /** Media first, then media playlists, then the master: who finds one finds what it names. */
  private static List<Path> files(Path recording) throws IOException {
    try (Stream<Path> tree = Files.walk(recording)) {
      return tree.filter(Files::isRegularFile)
          .sorted(
              Comparator.comparing((Path file) -> file.toString().endsWith(".m3u8"))
                  .thenComparingInt(file -> -file.getNameCount())
                  .thenComparing(Comparator.naturalOrder()))
          .toList();
    }
  }

  private static String contentType(Path file) {
    return file.toString().endsWith(".m3u8") ? "application/vnd.apple.mpegurl" : "video/mp4";
  }

  private static void delete(Path recording) throws IOException {
    List<Path> all;
    try (Stream<Path> tree = Files.walk(recording)) {
      all = tree.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.deleteIfExists(path);
    }
  }

  UploadStats stats() {
    return new UploadStats(pending.get(), sent.get(), bytes.get(), errors.get());
  }

  @Override
  public void close() {
    threads.shutdownNow();
    stores.values().forEach(ObjectStore::close);
  }
}
