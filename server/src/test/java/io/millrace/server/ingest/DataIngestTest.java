package io.millrace.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.media.AudioCodec;
import io.millrace.media.TextMessage;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Cue;
import io.millrace.media.TrackEvent.Format;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.mpegts.CueSchemes;
import io.millrace.media.mpegts.SpliceInfo;
import io.millrace.media.scte35.SpliceCommand;
import io.millrace.media.scte35.SpliceSection;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataIngestTest {
  private static final int TICKS_PER_MS = 360;
  private static final String OUT =
      "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=";

  private final List<Cue> cues = new ArrayList<>();
  private final DataIngest ingest =
      new DataIngest(
          event -> {
            if (event instanceof Cue cue) {
              cues.add(cue);
            }
            event.release();
          });

  private void picture(long timestampMs, long ticks) {
    ingest.at(timestampMs);
    ingest.accept(
        new Sample(
            TrackEvent.VIDEO_TRACK,
            ticks,
            ticks + 999,
            0,
            true,
            Unpooled.wrappedBuffer(new byte[1])));
  }

  private Cue only() {
    assertThat(cues).hasSize(1);
    return cues.getFirst();
  }

  @Test
  void textHasTheTimeOfItsMessageOnTheClockOfThePicture() {
    picture(5_000, 1_000);
    ingest.data("onTextData", 5_040, Map.of("text", "Grüße", "language", "deu"));
    assertThat(only().ptsTicks()).isEqualTo(1_000 + 40 * TICKS_PER_MS);
    assertThat(TextMessage.of(only())).isEqualTo(new TextMessage("deu", "Grüße"));
  }

  @ParameterizedTest
  @CsvSource({
    "4294967290, 4, 10", // 32 bits wrap
    "5000, 4900, -100",
    "100000, 0, 0", // no time of its own
  })
  void timesAreComparedOnTheWire(long pictureMs, long messageMs, long laterMs) {
    picture(pictureMs, 1_000_000);
    ingest.data("onTextData", messageMs, Map.of("text", "a"));
    assertThat(only().ptsTicks()).isEqualTo(1_000_000 + laterMs * TICKS_PER_MS);
  }

  @Test
  void withoutPicturesTheSoundIsTheClock() {
    ingest.data("onTextData", 0, Map.of("text", "too early"));
    ingest.accept(
        new Format(
            TrackEvent.AUDIO_TRACK,
            new TrackFormat.Audio(AudioCodec.AAC, "mp4a.40.2", new byte[0], 48_000, 2, 1024)));
    ingest.at(100);
    ingest.accept(
        new Sample(
            TrackEvent.AUDIO_TRACK, 48_000, 48_000, 0, true, Unpooled.wrappedBuffer(new byte[1])));
    ingest.data("onTextData", 100, Map.of("text", "b", "lang", "en"));
    assertThat(only().ptsTicks()).isEqualTo(360_000);
    assertThat(TextMessage.of(only())).isEqualTo(new TextMessage("en", "b"));
  }

  @Test
  void whatIsNoTextIsLeftOut() {
    picture(0, 0);
    ingest.data("onTextData", 0, Map.of("text", 5.0));
    ingest.data("onTextData", 0, Map.of("other", "a"));
    ingest.data("onSomething", 0, Map.of("text", "a"));
    assertThat(cues).isEmpty();
  }

  @Test
  void sectionsOfScte35ComeThrough() {
    picture(1_000, 0);
    ingest.data("onAdCue", 1_000, Map.of("cue", OUT, "type", "scte35", "id", "1", "time", 3.0));
    ingest.data(
        "onCuePoint",
        1_000,
        Map.of("name", "SCTE35", "type", "event", "parameters", Map.of("message", OUT)));
    assertThat(cues).hasSize(2).allMatch(cue -> cue.scheme().equals(CueSchemes.SCTE35));
    assertThat(cues).extracting(Cue::ptsTicks).containsExactly(2_000L * TICKS_PER_MS, 0L);
    assertThat(SpliceSection.parse(cues.getLast().message()).command())
        .isInstanceOfSatisfying(
            SpliceCommand.Insert.class, insert -> assertThat(insert.out()).isTrue());
  }

  @Test
  void breaksInWordsBecomeSplices() {
    picture(1_000, 360_000);
    ingest.data(
        "onAdCue", 1_000, Map.of("cue", "SpliceOut", "id", "77", "duration", 30.5, "time", 1.0));
    ingest.data(
        "onCuePoint",
        1_000,
        Map.of("type", "com.youtube.cuepoint", "break_duration_sec", 15.0, "splice_event_id", 3.0));
    assertThat(cues).hasSize(2);
    SpliceCommand.Insert first =
        (SpliceCommand.Insert) SpliceSection.parse(cues.getFirst().message()).command();
    assertThat(first.eventId()).isEqualTo(77);
    assertThat(first.breakTicks()).isEqualTo(2_745_000);
    assertThat(first.out() && first.timed()).isTrue();
    SpliceInfo info = SpliceInfo.parse(Unpooled.wrappedBuffer(cues.getFirst().message()));
    assertThat(info.pts()).isEqualTo(90_000);
    SpliceCommand.Insert second =
        (SpliceCommand.Insert) SpliceSection.parse(cues.getLast().message()).command();
    assertThat(second.eventId()).isEqualTo(3);
    assertThat(second.breakTicks()).isEqualTo(1_350_000);
  }

  @Test
  void otherCuePointsAreTimedMetadata() {
    picture(1_000, 0);
    ingest.data(
        "onCuePoint",
        1_000,
        Map.of("name", "goal", "type", "event", "parameters", Map.of("team", "Ünion", "n", 2.0)));
    assertThat(only().scheme()).isEqualTo(CueSchemes.ID3);
    byte[] tag = only().message();
    String text = new String(tag, StandardCharsets.UTF_8);
    assertThat(text)
        .startsWith("ID3\u0004")
        .contains("TXXX", "name\0goal", "team\0Ünion", "n\0" + 2.0);
    assertThat(tag.length).isEqualTo(10 + (tag[8] << 7 | tag[9]));
  }

  @Test
  void aBreakWithoutADurationIsNone() {
    picture(1_000, 0);
    for (Object duration : List.of(0.0, -1.0, Double.NaN, 1e12, "soon")) {
      ingest.data("onAdCue", 1_000, Map.of("cue", "SpliceOut", "duration", duration));
    }
    assertThat(cues).isEmpty();
  }
}
