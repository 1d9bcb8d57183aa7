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
  private static final long KEPT_US = 6_000_000;
  private static final long PARTS_US = 3_000_000;
  private final SegmentWindow window =
      new SegmentWindow(Duration.ofSeconds(10), Stretch.Writer.NONE, () -> true);

  private List<Interval> add(Interval interval) {
    return change(interval).expired();
  }

  private SegmentWindow.Change change(Interval interval) {
    return window.add(interval, new byte[0], KEPT_US, PARTS_US, 0);
  }

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
      expired.addAll(add(segment(i, 2 * i, 2 * i + 2, 10)));
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
    add(segment(0, 0, 4, 10));
    add(segment(1, 4, 8, 10));
    add(segment(2, 8, 11, 10));
    assertThat(window.snapshot().firstSequence()).isZero();
    add(segment(3, 11, 14, 10));
    assertThat(window.snapshot().firstSequence()).as("10 s are left without the first").isOne();
  }

  @Test
  void gapBeforeTheFirstSegmentIsNotListed() {
    add(gap(4, 0, 2));
    assertThat(window.snapshot().isEmpty()).isTrue();
    add(segment(5, 2, 4, 10));
    assertThat(window.snapshot().firstSequence()).isEqualTo(5);
  }

  @Test
  void skippedSequenceStartsTheListingAnew() {
    add(segment(0, 0, 2, 10));
    assertThat(add(segment(9, 18, 20, 10))).as("the old one is still served").isEmpty();
    assertThat(window.snapshot().firstSequence()).isEqualTo(9);
  }

  @Test
  void intervalsWithoutAnyLengthDoNotPileUp() {
    int served = 0;
    for (int i = 0; i < 150_000; i++) {
      served += 1 - add(segment(i, 1, 1, 1)).size();
    }
    assertThat(window.snapshot().listed()).hasSize(65_536);
    assertThat(served).isEqualTo(2 * 65_536);
  }

  @Test
  void snapshotsDoNotChange() {
    add(segment(0, 0, 2, 10));
    WindowSnapshot before = window.snapshot();
    add(segment(1, 2, 4, 10));
    assertThat(before.listed()).hasSize(1);
    assertThatThrownBy(() -> before.listed().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void marksFollowTheLiveEdge() {
    List<Interval> whole = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      whole.addAll(change(segment(i, 2 * i, 2 * i + 2, 10)).whole());
    }
    WindowSnapshot snapshot = window.snapshot();
    assertThat(snapshot.firstSequence()).isEqualTo(3);
    assertThat(snapshot.firstKept().sequence()).as("4 ends 6 s before the edge").isEqualTo(4);
    assertThat(snapshot.skipped()).isOne();
    assertThat(snapshot.isInParts(snapshot.first().interval())).isFalse();
    assertThat(snapshot.firstInParts().sequence()).as("6 ends 2 s before it").isEqualTo(6);
    assertThat(whole).extracting(Interval::sequence).containsExactly(0L, 1L, 2L, 3L);
  }

  @Test
  void marksNeverLieBeforeWhatIsListed() {
    SegmentWindow brief = new SegmentWindow(Duration.ofSeconds(2), Stretch.Writer.NONE, () -> true);
    for (int i = 0; i < 8; i++) {
      brief.add(segment(i, 2 * i, 2 * i + 2, 10), new byte[0], KEPT_US, PARTS_US, 0);
    }
    assertThat(brief.snapshot().firstKept()).isSameAs(brief.snapshot().first());
    assertThat(brief.snapshot().skipped()).isZero();
    assertThat(brief.snapshot().firstInParts().sequence()).isEqualTo(7);
  }

  @Test
  void anUpdateCostsTheSameHoweverLongTheWindowIs() {
    List<Long> moves = new ArrayList<>();
    for (int seconds : new int[] {60, 3600, 12 * 3600}) {
      SegmentWindow sized =
          new SegmentWindow(Duration.ofSeconds(seconds), Stretch.Writer.NONE, () -> true);
      int filled = seconds + 10;
      for (int i = 0; i < filled; i++) {
        sized.add(segment(i, 2 * i, 2 * i + 2, 1), new byte[0], KEPT_US, PARTS_US, 0);
      }
      long before = sized.moves();
      for (int i = filled; i < filled + 1000; i++) {
        sized.add(segment(i, 2 * i, 2 * i + 2, 1), new byte[0], KEPT_US, PARTS_US, 0);
      }
      assertThat(sized.snapshot().listed()).hasSize(seconds / 2);
      moves.add(sized.moves() - before);
    }
    assertThat(moves).allMatch(perThousand -> perThousand <= 5000L);
  }

  @Test
  void writingFromAnotherThreadIsCaught() {
    SegmentWindow owned =
        new SegmentWindow(Duration.ofSeconds(10), Stretch.Writer.NONE, () -> false);
    assertThatThrownBy(() -> owned.add(segment(0, 0, 2, 10), new byte[0], KEPT_US, PARTS_US, 0))
        .isInstanceOf(AssertionError.class);
  }
}
