package io.millrace.packager.text;

import static io.millrace.packager.Tracks.SECOND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.packager.text.CueBook.Verdict;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class CueBookTest {
  private final CueBook book = new CueBook();

  private static TextCue cue(String id, long fromTicks, long toTicks) {
    return new TextCue(id, fromTicks, toTicks, false, "", "text " + id);
  }

  private List<String> shown(long fromTicks, long toTicks) {
    return book.between(fromTicks, toTicks).stream().map(TextCue::id).toList();
  }

  private static String written(List<TextCue> cues, long fromTicks, long toTicks) {
    return new String(WebVttSegment.write(cues, fromTicks, toTicks), StandardCharsets.UTF_8);
  }

  @Test
  void everySegmentHasTheCuesThatItShows() {
    book.add(cue("late", 5 * SECOND, 6 * SECOND));
    book.add(cue("long", SECOND, 5 * SECOND));
    book.add(cue("early", 0, SECOND));
    assertThat(shown(0, 2 * SECOND)).containsExactly("early", "long");
    assertThat(shown(2 * SECOND, 4 * SECOND)).containsExactly("long");
    assertThat(shown(4 * SECOND, 6 * SECOND)).containsExactly("long", "late");
    book.forgetBefore(5 * SECOND);
    assertThat(shown(0, 6 * SECOND)).containsExactly("late");
  }

  @Test
  void whatIsSealedIsLate() {
    book.sealed(2 * SECOND);
    assertThat(book.add(cue("over", 0, 2 * SECOND))).isEqualTo(Verdict.LATE);
    assertThat(book.add(cue("still", 0, 2 * SECOND + 1))).isEqualTo(Verdict.TAKEN);
    assertThat(shown(2 * SECOND, 4 * SECOND)).containsExactly("still");
  }

  @Test
  void whatWaitsAndWhatIsShownAtOnceIsBounded() {
    int taken = 0;
    while (book.add(cue("a", SECOND, 2 * SECOND)) == Verdict.TAKEN) {
      taken++;
    }
    assertThat(taken).isEqualTo(1_024);
    assertThat(shown(0, 2 * SECOND)).hasSize(32);
    book.forgetBefore(2 * SECOND);
    assertThat(book.size()).isZero();
    String text = "x".repeat(2_000);
    for (int i = 0; i < 131; i++) {
      TextCue large = new TextCue("l", 3 * SECOND, 4 * SECOND, false, "", text);
      assertThat(book.add(large)).isEqualTo(Verdict.TAKEN);
    }
    TextCue more = new TextCue("m", 3 * SECOND, 4 * SECOND, false, "", text);
    assertThat(book.add(more)).isEqualTo(Verdict.FULL);
    assertThat(shown(3 * SECOND, 4 * SECOND)).hasSize(4);
  }

  @Test
  void anOpenCueEndsWithWhatFollowsOrByItself() {
    book.add(TextCue.open("1", SECOND, "one"));
    assertThat(shown(8 * SECOND, 9 * SECOND)).containsExactly("1");
    assertThat(shown(9 * SECOND, 10 * SECOND)).isEmpty();
    book.close(3 * SECOND);
    assertThat(shown(2 * SECOND, 3 * SECOND)).containsExactly("1");
    assertThat(shown(3 * SECOND, 4 * SECOND)).isEmpty();
    book.add(TextCue.open("2", 4 * SECOND, "two"));
    book.close(4 * SECOND);
    assertThat(shown(4 * SECOND, 5 * SECOND)).isEmpty();
  }

  @Test
  void segmentsAreFilesWithTheSameTimesAndTheMapOfTheStream() {
    TextCue whole = new TextCue("7", SECOND + SECOND / 2, 3 * SECOND, false, "line:0", "a\nb");
    TextCue open = TextCue.open("8", 3 * SECOND, "c");
    assertThat(written(List.of(whole, open), 2 * SECOND, 4 * SECOND))
        .isEqualTo(
            """
            WEBVTT
            X-TIMESTAMP-MAP=LOCAL:13:00:00.000,MPEGTS:4212000000

            7
            00:00:01.500 --> 00:00:03.000 line:0
            a
            b

            8-3000
            00:00:03.000 --> 00:00:04.000
            c
            """);
    assertThat(written(List.of(), 0, SECOND)).hasLineCount(2);
  }

  @Test
  void theMapFollowsTheClockOf33Bits() {
    long round = 1L << 33;
    for (long startTicks : List.of(0L, 4 * round - 4, 4 * round, 40 * round + 3_600_000)) {
      String map = written(List.of(), startTicks, startTicks + SECOND).lines().toList().get(1);
      String[] parts = map.split("[=,]");
      String[] local = parts[1].substring(6).split("[:.]");
      long localMs =
          Long.parseLong(local[0]) * 3_600_000
              + Long.parseLong(local[1]) * 60_000
              + Long.parseLong(local[2]) * 1_000
              + Long.parseLong(local[3]);
      long mpegTs = Long.parseLong(parts[2].substring(7));
      assertThat(mpegTs).isEqualTo(localMs * 90 % round);
      // Shaka Player adds the rounds before the segment.
      assertThat(mpegTs + startTicks / 4 / round * round).isEqualTo(localMs * 90);
    }
  }

  @Test
  void plainTextIsEscaped() {
    assertThat(PlainText.escaped(" a < b && c --> d\n\n \u0000e\tf\u202B שלום "))
        .isEqualTo("a &lt; b &amp;&amp; c --&gt; d\ne f\u202B שלום");
    assertThat(PlainText.escaped(" \n ")).isEmpty();
    assertThat(PlainText.escaped("\uD83D\uDE00".repeat(PlainText.MAX_CHARS))).hasSize(1_000);
    assertThat(PlainText.escaped("x" + "\uD83D\uDE00".repeat(PlainText.MAX_CHARS))).hasSize(999);
  }

  @Test
  void aCueIsAlwaysOneBlockOfAFile() {
    for (String text : List.of("", "a\n\nb", "a --> b", "a\n", "a\rb")) {
      assertThatThrownBy(() -> new TextCue("1", 0, 1, false, "", text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> new TextCue("1\n", 0, 1, false, "", "a"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new TextCue("1", 1, 1, false, "", "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
