package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.MediaFile;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackEvent.Sample;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import io.millrace.media.caption.CaptionReader;
import io.millrace.media.caption.CaptionWriter;
import io.netty.buffer.ByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaptionsTest {
  private static final Ladder LADDER =
      new Ladder(
          List.of(
              VideoRung.of("h264", VideoCodec.H264, 90, 150_000, Profile.QUALITY),
              VideoRung.of("same-size", VideoCodec.H264, 180, 150_000, Profile.FAST),
              VideoRung.of("av1", VideoCodec.AV1, 90, 150_000, Profile.FAST)),
          null);

  /** One pair for each field, numbered; and a packet of CEA-708. */
  private static byte[] captions(int number) {
    byte high = (byte) (0x20 | number >> 6);
    byte low = (byte) (0x20 | number & 0x3F);
    return new byte[] {(byte) 0xFC, high, low, (byte) 0xFD, low, high, (byte) 0xFF, 1, low};
  }

  /** The clip with captions in front of each picture, numbered in the order they are shown in. */
  private static List<TrackEvent> captioned(RecordingSink clip) {
    List<Long> shown = clip.samples().stream().map(Sample::ptsTicks).sorted().toList();
    List<TrackEvent> events = new ArrayList<>();
    for (TrackEvent event : Clips.live(clip)) {
      events.add(
          event instanceof Sample sample
              ? new Sample(
                  sample.track(),
                  sample.dtsTicks(),
                  sample.ptsTicks(),
                  sample.durationTicks(),
                  sample.key(),
                  CaptionWriter.intoH264(
                      sample.payload().retainedDuplicate(),
                      captions(shown.indexOf(sample.ptsTicks())),
                      ByteBufAllocator.DEFAULT))
              : event);
    }
    return events;
  }

  private static TreeMap<Long, byte[]> read(TrackFormat.Video format, List<Sample> samples) {
    CaptionReader reader = CaptionReader.of(format);
    TreeMap<Long, byte[]> byTime = new TreeMap<>();
    for (Sample sample : samples) {
      byte[] triplets = reader.read(sample.payload());
      if (triplets != null) {
        byTime.put(sample.ptsTicks(), triplets);
      }
    }
    return byTime;
  }

  private static byte[] inOrder(TreeMap<Long, byte[]> captions) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    captions.values().forEach(all::writeBytes);
    return all.toByteArray();
  }

  @Test
  void everyPictureKeepsItsCaptionsInEveryRung() {
    RecordingSink clip = Clips.record(Clips.small(), 2000);
    List<TrackEvent> events = captioned(clip);
    LadderRun run = LadderRun.of(LADDER, events);
    assertThat(run.failures).isEmpty();
    for (String rung : List.of("h264", "same-size", "av1")) {
      RecordingSink sink = run.sink(rung);
      TreeMap<Long, byte[]> found = read(sink.videoFormat(), sink.samples());
      assertThat(found).hasSameSizeAs(clip.samples());
      int number = 0;
      for (Map.Entry<Long, byte[]> picture : found.entrySet()) {
        assertThat(picture.getValue())
            .as("%s, picture %d", rung, number)
            .isEqualTo(captions(number++));
      }
      assertThat(DecodedTrack.of(sink.videoFormat(), sink.samples()).damaged()).isZero();
    }
    events.forEach(TrackEvent::release);
  }

  @Test
  void aRungOfHalfTheFrameRateLosesNone() {
    RecordingSink clip = Clips.record(Clips.small(), 2000);
    Ladder half =
        new Ladder(
            List.of(
                new VideoRung(
                    "half",
                    VideoCodec.H264,
                    90,
                    150_000,
                    "veryfast",
                    Profile.FAST,
                    new Rational(15, 1))),
            null);
    List<TrackEvent> events = captioned(clip);
    LadderRun run = LadderRun.of(half, events);
    RecordingSink sink = run.sink("half");
    assertThat(sink.samples().size()).isLessThan(clip.samples().size() * 2 / 3);
    byte[] said = inOrder(read(sink.videoFormat(), sink.samples()));
    byte[] expected = inOrder(read(clip.videoFormat(), samples(events)));
    assertThat(expected).startsWith(said);
    assertThat(expected.length - said.length).as("of pictures behind the last").isLessThan(4 * 9);
    events.forEach(TrackEvent::release);
  }

  private static List<Sample> samples(List<TrackEvent> events) {
    return events.stream().filter(Sample.class::isInstance).map(Sample.class::cast).toList();
  }

  /** Real captions, where the clips are at hand: {@code ../shared/media} or -Dmillrace.media. */
  @ParameterizedTest
  @ValueSource(strings = {"media3_cea608_640x360.ts", "multi-channel-608-captions.ts"})
  void captionsOfARealClipComeThrough(String name) {
    Path file = MediaFile.folder().resolve(name);
    assumeTrue(Files.exists(file), "no " + file);
    RecordingSink clip = MediaFile.readVideo(file, 3000);
    byte[] expected = inOrder(read(clip.videoFormat(), clip.samples()));
    assertThat(expected).isNotEmpty();
    LadderRun run = LadderRun.of(LADDER, Clips.live(clip));
    assertThat(run.failures).isEmpty();
    for (RecordingSink sink : run.sinks.values()) {
      byte[] said = inOrder(read(sink.videoFormat(), sink.samples()));
      assertThat(said).isEqualTo(expected);
    }
  }
}
