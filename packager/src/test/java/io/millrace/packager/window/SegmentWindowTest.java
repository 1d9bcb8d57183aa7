package io.millrace.packager.window;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.media.Timescale;
import io.millrace.packager.Tracks;
import io.millrace.packager.segment.Gap;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Interval;
import io.millrace.packager.segment.Part;
import io.millrace.packager.segment.Segment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SegmentWindowTest {
  private static final InitSegment INIT =
      new InitSegment(0, Tracks.h264(1280, 720), new byte[] {1});
  private final SegmentWindow window = new SegmentWindow(Duration.ofSeconds(10), () -> true);

  static Segment segment(long sequence, double startS, double endS, int bytes) {
    long start = (long) (startS * Tracks.SECOND);
    long end = (long) (endS * Tracks.SECOND);
    List<Part> parts = List.of(new Part(start, end, true, new byte[bytes]));
    return new Segment(sequence, false, start, INIT, start, end, 1, parts);
  }

  static Gap gap(long sequence, double startS, double endS) {
    long start = (long) (startS * Tracks.SECOND);
    return new Gap(sequence, false, start, Timescale.VIDEO, start, (long) (endS * Tracks.SECOND));
  }

  @Test
  void listsAWindowAndServesAsMuchAgain() {
    List<Interval> expired = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      expired.addAll(window.add(segment(i, 2 * i, 2 * i + 2, 10)));
      int listed = window.snapshot().listed().size();
      assertThat(listed).isEqualTo(Math.min(i + 1, 5));
    }
    assertThat(window.snapshot().firstSequence()).isEqualTo(25);
    assertThat(window.snapshot().lastSequence()).isEqualTo(29);
    assertThat(expired).extracting(Interval::sequence).containsExactlyElementsOf(upTo(20));
  }

  private static List<Long> upTo(long end) {
    return java.util.stream.LongStream.range(0, end).boxed().toList();
  }

  @Test
  void whatIsListedNeverLastsLessThanTheWindow() {
    window.add(segment(0, 0, 4, 10));
    window.add(segment(1, 4, 8, 10));
    window.add(segment(2, 8, 11, 10));
    assertThat(window.snapshot().firstSequence()).isZero();
    window.add(segment(3, 11, 14, 10));
    assertThat(window.snapshot().firstSequence()).as("10 s are left without the first").isOne();
  }

  @Test
  void gapBeforeTheFirstSegmentIsNotListed() {
    window.add(gap(4, 0, 2));
    assertThat(window.snapshot().isEmpty()).isTrue();
    window.add(segment(5, 2, 4, 10));
    assertThat(window.snapshot().firstSequence()).isEqualTo(5);
  }

  @Test
  void skippedSequenceStartsTheListingAnew() {
    window.add(segment(0, 0, 2, 10));
    assertThat(window.add(segment(9, 18, 20, 10))).as("the old one is still served").isEmpty();
    assertThat(window.snapshot().firstSequence()).isEqualTo(9);
  }

  @Test
  void intervalsWithoutAnyLengthDoNotPileUp() {
    int served = 0;
    for (int i = 0; i < 30_000; i++) {
      served += 1 - window.add(segment(i, 1, 1, 1)).size();
    }
    assertThat(window.snapshot().listed()).hasSize(8192);
    assertThat(served).isEqualTo(2 * 8192);
  }

  @Test
  void snapshotsDoNotChange() {
    window.add(segment(0, 0, 2, 10));
    WindowSnapshot before = window.snapshot();
    window.add(segment(1, 2, 4, 10));
    assertThat(before.listed()).hasSize(1);
    assertThatThrownBy(() -> before.listed().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void writingFromAnotherThreadIsCaught() {
    SegmentWindow owned = new SegmentWindow(Duration.ofSeconds(10), () -> false);
    assertThatThrownBy(() -> owned.add(segment(0, 0, 2, 10))).isInstanceOf(AssertionError.class);
  }
}
