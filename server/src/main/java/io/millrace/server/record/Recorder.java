package io.millrace.server.record;

import io.millrace.packager.MediaListener;
import io.millrace.packager.Presentation;
import io.millrace.packager.RenditionInfo;
import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.RenditionSpec;
import io.millrace.packager.disk.DiskWork;
import io.millrace.packager.recording.RecordedGroup;
import io.millrace.packager.recording.RecordedInterval;
import io.millrace.packager.segment.Interval;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;

/**
 * Gathers what the renditions of one stream seal into groups of one sequence number, and hands each
 * to the disk when it is complete, or when a rendition is {@value #MAX_BEHIND} intervals behind.
 *
 * <p>Recorded are the publisher's own video and all audio; where no video is passed through, the
 * first of the ladder. On the stream's loop; bytes are shared with the window, not copied.
 */
final class Recorder implements MediaListener {
  private static final int MAX_BEHIND = 2;

  private final Presentation presentation;
  private final DiskWork disk;
  private final RecordingWriter writer;
  private final Runnable onEnd;
  private final TreeMap<Long, List<RecordedInterval>> open = new TreeMap<>();
  private final Map<String, Long> newest = new HashMap<>();
  private final CountDownLatch ended = new CountDownLatch(1);
  private long newestSequence = -1;
  private long emitted = -1;
  private Instant epoch = Instant.EPOCH;

  /**
   * @param onEnd called on the disk's thread when everything is written
   */
  Recorder(Presentation presentation, DiskWork disk, RecordingWriter writer, Runnable onEnd) {
    this.presentation = presentation;
    this.disk = disk;
    this.writer = writer;
    this.onEnd = onEnd;
  }

  @Override
  public void interval(RenditionSpec rendition, Kind kind, Instant start, Interval interval) {
    List<RenditionInfo> recorded = recorded();
    boolean wanted = recorded.stream().anyMatch(info -> info.name().equals(rendition.name()));
    if (!wanted || interval.sequence() <= emitted) {
      return;
    }
    epoch = start;
    newest.put(rendition.name(), interval.sequence());
    newestSequence = Math.max(newestSequence, interval.sequence());
    open.computeIfAbsent(interval.sequence(), _ -> new ArrayList<>())
        .add(new RecordedInterval(rendition, kind, interval));
    while (!open.isEmpty() && isComplete(open.firstKey(), recorded)) {
      emitFirst();
    }
  }

  private List<RenditionInfo> recorded() {
    List<RenditionInfo> all =
        presentation.renditions().stream().filter(info -> !info.kind().isText()).toList();
    List<RenditionInfo> chosen = new ArrayList<>();
    for (RenditionInfo info : all) {
      if (info.kind() == Kind.AUDIO || info.spec().declaredBitrateBps() == 0) {
        chosen.add(info);
      }
    }
    if (chosen.stream().noneMatch(info -> info.kind() == Kind.VIDEO)) {
      all.stream()
          .filter(info -> info.kind() == Kind.VIDEO)
          .min(Comparator.comparingInt(info -> info.spec().order()))
          .ifPresent(chosen::add);
    }
    return chosen;
  }

  private boolean isComplete(long sequence, List<RenditionInfo> recorded) {
    return newestSequence - sequence >= MAX_BEHIND
        || recorded.stream().allMatch(info -> newest.getOrDefault(info.name(), -1L) >= sequence);
  }

  private void emitFirst() {
    var first = open.pollFirstEntry();
    emitted = first.getKey();
    RecordedGroup group = new RecordedGroup(first.getKey(), epoch, first.getValue());
    if (!disk.offer(group.sizeBytes(), () -> writer.write(group))) {
      writer.lost(group);
    }
  }

  @Override
  public void end() {
    while (!open.isEmpty()) {
      emitFirst();
    }
    disk.offer(
        0,
        () -> {
          writer.finish();
          onEnd.run();
        });
    ended.countDown();
  }

  /** Open until {@link #end} has handed everything to the disk. */
  CountDownLatch ended() {
    return ended;
  }

  RecordingWriter writer() {
    return writer;
  }
}
