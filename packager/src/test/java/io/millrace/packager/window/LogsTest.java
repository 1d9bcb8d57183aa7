package io.millrace.packager.window;

import static io.millrace.packager.Tracks.boundary;
import static io.millrace.packager.Tracks.discontinuity;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.Tracks;
import io.millrace.packager.segment.InitSegment;
import io.millrace.packager.segment.Segment;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogsTest {
  private static Segment segment(long sequence, int init) {
    InitSegment header = new InitSegment(init, Tracks.h264(1280, 720), new byte[0]);
    long start = sequence * Tracks.SECOND;
    return new Segment(sequence, false, start, header, start, start + 1, 1, List.of());
  }

  @Test
  void everyRenditionCountsTheSameDiscontinuitiesOnce() {
    DiscontinuityLog log = new DiscontinuityLog();
    for (int rendition = 0; rendition < 3; rendition++) {
      log.add(boundary(4, 0));
      log.add(discontinuity(5, 1));
      log.add(boundary(6, 2));
      log.add(discontinuity(7, 3));
    }
    assertThat(log.countBefore(5)).isZero();
    assertThat(log.countBefore(6)).isEqualTo(1);
    assertThat(log.countBefore(100)).isEqualTo(2);
  }

  @Test
  void countStaysRightWhenOldDiscontinuitiesAreFolded() {
    DiscontinuityLog log = new DiscontinuityLog();
    for (int i = 0; i < 5000; i++) {
      log.add(discontinuity(i, i));
    }
    assertThat(log.countBefore(5000)).isEqualTo(5000);
    assertThat(log.countBefore(4990)).isEqualTo(4990);
  }

  @Test
  void periodStartsAtADiscontinuityAndWhereOneInitSegmentChanges() {
    PeriodLog log = new PeriodLog();
    log.add(discontinuity(3, 300)); // the first boundary ends no period
    assertThat(log.add("a", segment(3, 0))).isFalse();
    assertThat(log.add("b", segment(3, 5))).isFalse();
    log.add(discontinuity(4, 400));
    assertThat(log.add("a", segment(4, 1))).isTrue();
    assertThat(log.add("a", segment(5, 2))).isTrue();
    assertThat(log.starts())
        .containsExactly(
            new PeriodLog.Start(0, 0, false),
            new PeriodLog.Start(4, 400, false),
            new PeriodLog.Start(5, 5 * Tracks.SECOND, false));

    log.forgetBefore(4);
    assertThat(log.starts()).extracting(PeriodLog.Start::sequence).containsExactly(4L, 5L);
    log.forgetBefore(100);
    assertThat(log.starts()).extracting(PeriodLog.Start::sequence).containsExactly(5L);
  }

  @Test
  void namesBecomePathSegments() {
    assertThat(MediaNames.pathSegment("720p")).isEqualTo("720p");
    assertThat(MediaNames.pathSegment("a b/ü\"$&?#%"))
        .isEqualTo("a%20b%2F%C3%BC%22%24%26%3F%23%25");
  }
}
