package io.millrace.packager.recording;

import io.millrace.packager.RenditionInfo.Kind;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Segment;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * One interval of the stream in all renditions that are recorded: video first, each kind in ladder
 * order.
 *
 * @param epoch wall-clock time of tick 0
 */
public record RecordedGroup(long sequence, Instant epoch, List<RecordedInterval> tracks) {
  private static final Comparator<RecordedInterval> ORDER =
      Comparator.comparing((RecordedInterval track) -> track.kind() == Kind.AUDIO)
          .thenComparingInt(track -> track.rendition().order())
          .thenComparing(track -> track.rendition().name());

  public RecordedGroup {
    tracks = tracks.stream().sorted(ORDER).toList();
  }

  public long sizeBytes() {
    return tracks.stream().mapToLong(RecordedInterval::sizeBytes).sum();
  }

  /** True where some rendition has media. */
  public boolean hasMedia() {
    return tracks.stream().anyMatch(track -> track.interval() instanceof Segment);
  }

  public long startUs() {
    return tracks.stream()
        .map(RecordedInterval::interval)
        .mapToLong(Interval::startUs)
        .min()
        .orElse(0);
  }

  public long endUs() {
    return tracks.stream()
        .map(RecordedInterval::interval)
        .mapToLong(Interval::endUs)
        .max()
        .orElse(0);
  }
}
