package io.millrace.packager.cue;

import static io.millrace.packager.Tracks.EPOCH;
import static io.millrace.packager.Tracks.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.packager.cue.CueSnapshot.Event;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class CueLogTest {
  private final CueLog log = new CueLog();
  private long edgeTicks;

  private boolean say(long seconds, byte[] section) {
    return log.accept(new Cue(seconds * SECOND, CueSchemes.SCTE35, section), 7, edgeTicks);
  }

  private List<String> tags() {
    return log.snapshot(EPOCH).lines().stream()
        .map(line -> line.text().replaceAll("SCTE35-(OUT|IN|CMD)=0x.*\n", "$1"))
        .toList();
  }

  @Test
  void theWholeMessageIsInTheTag() {
    byte[] out = Splices.out(9, 30);
    assertThat(say(10, out)).isTrue();
    assertThat(log.snapshot(EPOCH).lines())
        .containsExactly(
            new CueSnapshot.Line(
                7,
                "splice-9-1795255210250",
                "#EXT-X-DATERANGE:ID=\"splice-9-1795255210250\",CLASS=\"urn:scte:scte35:2013:bin\","
                    + "START-DATE=\"2026-11-21T10:00:10.250Z\",PLANNED-DURATION=30.000000,"
                    + "SCTE35-OUT=0x"
                    + HexFormat.of().withUpperCase().formatHex(out)
                    + "\n"));
  }

  @Test
  void anInPointIsATagOfItsOwnWithTheSameIdAndStart() {
    say(10, Splices.out(9, 0));
    say(25, Splices.in(9));
    assertThat(tags())
        .containsExactly(
            "#EXT-X-DATERANGE:ID=\"splice-9-1795255210250\",CLASS=\"urn:scte:scte35:2013:bin\","
                + "START-DATE=\"2026-11-21T10:00:10.250Z\",OUT",
            "#EXT-X-DATERANGE:ID=\"splice-9-1795255210250\",CLASS=\"urn:scte:scte35:2013:bin\","
                + "START-DATE=\"2026-11-21T10:00:10.250Z\",DURATION=15.000000,IN");
    assertThat(log.snapshot(EPOCH).events())
        .extracting(Event::number, Event::startTicks, Event::durationTicks)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(0L, 10 * SECOND, 15 * SECOND),
            org.assertj.core.groups.Tuple.tuple(1L, 25 * SECOND, -1L));
  }

  @Test
  void whatIsRepeatedSaysNothingNew() {
    assertThat(say(10, Splices.out(9, 30))).isTrue();
    CueSnapshot first = log.snapshot(EPOCH);
    assertThat(say(10, Splices.out(9, 30))).isFalse();
    assertThat(log.snapshot(EPOCH)).isSameAs(first);
    assertThat(say(50, Splices.outNow(10))).isTrue();
    assertThat(say(51, Splices.outNow(10))).isFalse(); // repeated for receivers that join
    assertThat(say(70, Splices.in(10))).isTrue();
    assertThat(say(70, Splices.in(10))).isFalse();
    assertThat(say(90, Splices.chapter())).isTrue();
    assertThat(say(90, Splices.chapter())).isFalse();
    assertThat(tags()).hasSize(4);
  }

  @Test
  void anEventIdMayBeUsedAgain() {
    say(10, Splices.out(9, 0));
    say(20, Splices.in(9));
    assertThat(say(60, Splices.out(9, 0))).isTrue();
    assertThat(log.snapshot(EPOCH).lines()).hasSize(3);
    assertThat(tags().getLast()).contains("ID=\"splice-9-1795255260250\"");
  }

  @Test
  void aCancelledSpliceIsNotListed() {
    say(10, Splices.out(9, 30));
    assertThat(say(0, Splices.cancel(8))).isFalse();
    assertThat(say(0, Splices.cancel(9))).isTrue();
    assertThat(log.snapshot(EPOCH)).isEqualTo(CueSnapshot.NONE);
  }

  @Test
  void aSpliceThatIsMovedBeforeItBeginsReplacesTheFirst() {
    edgeTicks = 5 * SECOND;
    say(10, Splices.out(9, 30));
    say(14, Splices.out(9, 30));
    assertThat(tags()).hasSize(1).first().asString().contains("10:00:14.250Z");
  }

  @Test
  void anInPointOfAnotherIdClosesWhatWasOpenedLast() {
    say(10, Splices.out(1, 0));
    say(20, Splices.out(2, 0));
    say(30, Splices.in(3));
    assertThat(tags().getLast()).contains("ID=\"splice-2-").contains("DURATION=10.000000");
    say(40, Splices.in(1));
    assertThat(tags().getLast()).contains("ID=\"splice-1-").contains("DURATION=30.000000");
  }

  @Test
  void anInPointWithoutItsOutStandsForItself() {
    say(30, Splices.in(3));
    assertThat(tags())
        .hasSize(1)
        .first()
        .asString()
        .endsWith("START-DATE=\"2026-11-21T10:00:30.250Z\",IN");
  }

  @Test
  void placementOpportunitiesAreSplicesAndChaptersAreCommands() {
    say(10, Splices.OPPORTUNITY_START);
    say(11, Splices.chapter());
    say(317, Splices.OPPORTUNITY_END);
    assertThat(tags()).hasSize(3);
    assertThat(tags().get(0))
        .contains("ID=\"segmentation-34-1207959694-")
        .endsWith("PLANNED-DURATION=307.000000,OUT");
    assertThat(tags().get(1)).contains("ID=\"scte35-1-").endsWith("CMD");
    assertThat(tags().get(2)).endsWith("DURATION=307.000000,IN");
  }

  @Test
  void aRangeIsKeptUntilItsEndHasSlidOut() {
    say(10, Splices.out(1, 30));
    say(10, Splices.out(2, 0));
    say(10, Splices.chapter());
    log.forgetBefore(11 * SECOND);
    assertThat(tags()).hasSize(2);
    log.forgetBefore(41 * SECOND);
    assertThat(tags()).hasSize(1).first().asString().contains("splice-2"); // it still goes on
    say(50, Splices.in(2));
    log.forgetBefore(50 * SECOND);
    assertThat(tags()).hasSize(2);
    log.forgetBefore(51 * SECOND);
    assertThat(tags()).isEmpty();
  }

  @Test
  void whatSaysNothingIsNotListed() {
    assertThat(say(1, Splices.nothing())).isFalse();
    assertThat(say(1, new byte[] {1, 2, 3})).isFalse();
    assertThat(log.accept(new Cue(0, "urn:other", new byte[9]), 0, 0)).isFalse();
    assertThat(log.snapshot(EPOCH)).isEqualTo(CueSnapshot.NONE);
  }

  @Test
  void ofTooManyTheOldestGoes() {
    for (int i = 0; i < 300; i++) {
      say(20L * i, Splices.out(i, 0));
    }
    assertThat(tags()).hasSize(256);
    assertThat(tags().getFirst()).contains("splice-44-");
  }
}
