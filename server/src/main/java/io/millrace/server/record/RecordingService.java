package io.millrace.server.record;

import io.millrace.media.StreamKey;
import io.millrace.packager.Presentation;
import io.millrace.packager.disk.DiskQueue;
import io.millrace.server.config.RecordPolicy;
import io.millrace.server.config.UploadPolicy;
import io.millrace.server.event.EventSink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recordings of all streams: one thread that writes, and those that upload. Thread-safe. */
public final class RecordingService implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RecordingService.class);

  /** Some seconds of all streams; the bytes are mostly those of the windows in memory. */
  private static final long MAX_QUEUED_BYTES = 128L << 20;

  private static final Duration STREAMS_END = Duration.ofSeconds(3);
  private static final Duration LAST_WRITES = Duration.ofSeconds(10);

  private final Function<StreamKey, @Nullable RecordPolicy> policies;
  private final DiskQueue disk;
  private final OpenRecordings journal;
  private final Uploads uploads;
  private final EventSink events;
  private final Map<StreamKey, Recorder> recorders = new ConcurrentHashMap<>();

  private RecordingService(
      Path dataDir,
      Function<StreamKey, @Nullable RecordPolicy> policies,
      UploadSettings settings,
      EventSink events) {
    this.events = events;
    this.policies = policies;
    this.disk =
        new DiskQueue(
            "recorder",
            MAX_QUEUED_BYTES,
            bug -> LOG.atError().setCause(bug).log("a recording's task failed"));
    this.uploads =
        new Uploads(
            dataDir.resolve("uploads"), key -> upload(policies.apply(key)), settings, events);
    this.journal =
        new OpenRecordings(
            dataDir.resolve("recordings"),
            (key, recording) -> {
              if (upload(policies.apply(key)) != null) {
                uploads.add(key, recording);
              }
            });
  }

  private static @Nullable UploadPolicy upload(@Nullable RecordPolicy policy) {
    return policy == null ? null : policy.upload();
  }

  /**
   * Finishes what an earlier process has left open and goes on with its uploads, meanwhile.
   *
   * @param events is told of recordings and uploads
   */
  public static RecordingService start(
      Path dataDir, Function<StreamKey, @Nullable RecordPolicy> policies, EventSink events) {
    return start(dataDir, policies, UploadSettings.DEFAULTS, events);
  }

  static RecordingService start(
      Path dataDir,
      Function<StreamKey, @Nullable RecordPolicy> policies,
      UploadSettings settings,
      EventSink events) {
    RecordingService service = new RecordingService(dataDir, policies, settings, events);
    service.disk.offer(0, service.journal::finishAll);
    service.uploads.start();
    return service;
  }

  /** Records a new stream if its policy says so. The stream's loop. */
  public void attach(StreamKey key, Presentation presentation) {
    RecordPolicy policy = policies.apply(key);
    if (policy == null) {
      return;
    }
    RecordingWriter writer = new RecordingWriter(key, policy, journal, System::nanoTime, events);
    Recorder recorder =
        new Recorder(
            presentation,
            disk,
            writer,
            () -> recorders.computeIfPresent(key, (_, it) -> it.writer() == writer ? null : it));
    recorders.put(key, recorder);
    var unused = presentation.onMedia(recorder);
  }

  public List<RecordingStats> stats() {
    return recorders.values().stream().map(recorder -> recorder.writer().stats()).toList();
  }

  /** Null for a stream that is not recorded. */
  public @Nullable RecordingStats stats(StreamKey key) {
    Recorder recorder = recorders.get(key);
    return recorder == null ? null : recorder.writer().stats();
  }

  public long queuedBytes() {
    return disk.queuedBytes();
  }

  public UploadStats uploads() {
    return uploads.stats();
  }

  /** Waits for streams that are ending, writes what they have left, and closes their recordings. */
  @Override
  public void close() throws InterruptedException {
    long deadlineNanos = System.nanoTime() + STREAMS_END.toNanos();
    for (Recorder recorder : new ArrayList<>(recorders.values())) {
      var unused = recorder.ended().await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
      disk.offer(0, recorder.writer()::finish);
    }
    if (!disk.close(LAST_WRITES)) {
      LOG.atWarn().addKeyValue("bytes", disk.queuedBytes()).log("not written before the end");
    }
    uploads.close();
  }
}
