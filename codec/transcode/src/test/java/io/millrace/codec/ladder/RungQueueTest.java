package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Picture;
import io.millrace.codec.ladder.TranscoderSettings.Overload;
import io.millrace.media.Colour;
import io.millrace.media.TrackEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RungQueueTest {
  private final AtomicInteger live = new AtomicInteger();

  @Test
  void aNewPictureIsLeftOutWhenFull() {
    RungQueue queue = new RungQueue(3, Overload.DROP);
    for (int i = 0; i < 5; i++) {
      queue.offer(frame(i, false));
    }
    assertThat(queue.dropped()).isEqualTo(2);
    assertThat(drain(queue)).containsExactly("0", "1", "2");
    assertThat(live).hasValue(0);
  }

  @Test
  void aSlowEncoderLosesPicturesEvenly() {
    RungQueue queue = new RungQueue(4, Overload.DROP);
    List<Integer> taken = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      queue.offer(frame(i, false));
      if (i % 3 != 0 && queue.take() instanceof RungInput.Frame frame) {
        taken.add((int) frame.ptsTicks());
        frame.picture().release();
      }
    }
    List<Integer> steady = taken.subList(20, taken.size());
    for (int i = 1; i < steady.size(); i++) {
      assertThat(steady.get(i) - steady.get(i - 1)).isBetween(1, 2);
    }
  }

  @Test
  void aPictureThatStartsASegmentTakesThePlaceOfTheNewestOrdinaryOne() {
    RungQueue queue = new RungQueue(3, Overload.DROP);
    queue.offer(frame(0, true));
    queue.offer(frame(1, false));
    queue.offer(frame(2, false));
    queue.offer(frame(3, true));
    assertThat(queue.dropped()).isEqualTo(1);
    assertThat(drain(queue)).containsExactly("0 starts 0", "1", "3 starts 3");
    assertThat(live).hasValue(0);
  }

  @Test
  void whereAllStartSegmentsTheOldestBecomesEmpty() {
    RungQueue queue = new RungQueue(2, Overload.DROP);
    queue.put(new RungInput.Finish(new TrackEvent.End("x")));
    queue.offer(frame(0, true));
    queue.offer(frame(1, true));
    queue.offer(frame(2, true));
    queue.offer(frame(3, true));
    assertThat(drain(queue))
        .containsExactly("end", "empty 0", "empty 1", "2 starts 2", "3 starts 3");
    assertThat(live).hasValue(0);
  }

  @Test
  void closingReleasesWhatWaitsAndWhatComes() {
    RungQueue queue = new RungQueue(4, Overload.DROP);
    queue.offer(frame(0, true));
    queue.offer(frame(1, false));
    queue.close();
    queue.offer(frame(2, false));
    assertThat(queue.put(new RungInput.Finish(new TrackEvent.End("x")))).isTrue();
    assertThat(queue.take()).isNull();
    assertThat(live).hasValue(0);
    assertThat(queue.depth()).isZero();
  }

  @Test
  void aRungThatTakesNothingIsGivenUp() {
    RungQueue queue = new RungQueue(2, Overload.DROP);
    RungInput control = new RungInput.Finish(new TrackEvent.End("x"));
    int accepted = 0;
    while (queue.put(control)) {
      accepted++;
      assertThat(accepted).isLessThan(100_000);
    }
    assertThat(accepted).isGreaterThan(500);
  }

  private List<String> drain(RungQueue queue) {
    List<String> seen = new ArrayList<>();
    queue.put(new RungInput.Break(new TrackEvent.Discontinuity("sentinel")));
    while (true) {
      RungInput input = queue.take();
      switch (input) {
        case RungInput.Frame frame -> {
          frame.picture().release();
          TrackEvent.Boundary boundary = frame.boundary();
          seen.add(frame.ptsTicks() + (boundary == null ? "" : " starts " + boundary.sequence()));
        }
        case RungInput.EmptySegment empty -> seen.add("empty " + empty.boundary().sequence());
        case RungInput.Finish finish -> seen.add("end");
        case RungInput.Break broken -> {
          return seen;
        }
        case null, default -> throw new AssertionError("" + input);
      }
    }
  }

  private RungInput.Frame frame(int number, boolean startsSegment) {
    live.incrementAndGet();
    Picture picture =
        new Picture(
            16, 16, new long[3], new int[3], Colour.UNSPECIFIED, "none", live::decrementAndGet);
    TrackEvent.Boundary boundary =
        startsSegment ? new TrackEvent.Boundary(number, number, Instant.EPOCH, false) : null;
    return new RungInput.Frame(picture, number, 1, boundary);
  }
}
