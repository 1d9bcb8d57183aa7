package io.millrace.packager.cue;

import static io.millrace.packager.Tracks.EPOCH;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.packager.cue.CueSnapshot.Line;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ListedCuesTest {
  private static Instant at(int seconds) {
    return EPOCH.plusSeconds(seconds);
  }

  private static CueSnapshot tags(String... ids) {
    List<Line> lines = List.of(ids).stream().map(id -> new Line(0, id, "tag " + id)).toList();
    return new CueSnapshot(lines, List.of(), false);
  }

  private static ListedCues follow(ListedCues listed, int seconds, String... ids) {
    return listed.followedBy(tags(ids), at(seconds), at(seconds - 24));
  }

  @Test
  void aTagIsListedSinceItsFirstPlaylist() {
    ListedCues listed = follow(follow(ListedCues.NONE, 1, "a"), 5, "a", "b");
    assertThat(listed.listedBefore(at(1))).isZero();
    assertThat(listed.listedBefore(at(2))).isEqualTo(1);
    assertThat(listed.listedBefore(at(5))).isEqualTo(1);
    assertThat(listed.listedBefore(at(6))).isEqualTo(2);
  }

  @Test
  void nothingNewIsTheSameObject() {
    CueSnapshot snapshot = tags("a");
    ListedCues listed = ListedCues.NONE.followedBy(snapshot, at(1), at(0));
    assertThat(listed.followedBy(snapshot, at(2), at(0))).isSameAs(listed);
  }

  @Test
  void whatHasGoneIsToldForAWhile() {
    ListedCues listed = follow(follow(ListedCues.NONE, 1, "a", "b"), 10, "b");
    assertThat(listed.goneSince(at(10))).containsExactly("a");
    assertThat(listed.goneSince(at(11))).isEmpty();
    assertThat(follow(listed, 20).goneSince(at(0))).containsExactly("a", "b");
    assertThat(follow(listed, 35).goneSince(at(0))).containsExactly("b");
  }

  @Test
  void whatIsListedAgainHasNotGone() {
    ListedCues listed = follow(follow(follow(ListedCues.NONE, 1, "a"), 2), 3, "a");
    assertThat(listed.goneSince(at(0))).isEmpty();
    assertThat(listed.listedBefore(at(3))).as("it is as new as its last return").isZero();
  }

  @Test
  void whatHasGoneIsBounded() {
    String[] many = IntStream.range(0, 1100).mapToObj(String::valueOf).toArray(String[]::new);
    assertThat(follow(follow(ListedCues.NONE, 1, many), 2).goneSince(at(0)))
        .hasSize(1024)
        .first()
        .isEqualTo("76");
  }
}
