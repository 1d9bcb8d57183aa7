package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.MediaFile;
import io.millrace.codec.Profile;
import io.millrace.codec.RecordingSink;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real clips, where they are at hand: {@code ../shared/media} or {@code -Dmillrace.media}. */
class RealClipTest {
  private static final Ladder LADDER =
      new Ladder(
          List.of(
              VideoRung.of("h264", VideoCodec.H264, 240, 400_000, Profile.QUALITY),
              VideoRung.of("av1", VideoCodec.AV1, 240, 300_000, Profile.FAST)),
          null);

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "people_720p2997_gop2s_live.mp4, 5000, 426, 240",
    "people_720p2997_longgop.mp4, 6000, 426, 240",
    "bbb_800x640_30_h264_pyramid_3b.mp4, 4000, 426, 240",
    "train_360p30_h264_aac.mp4, 5000, 426, 240",
    "vertical_720x1280_2997_h264.mp4, 4000, 240, 428",
    "ui_1200x1200_60fps_screen.mp4, 5000, 240, 240",
    "rotated_portrait_4k60_h264.mp4, 1000, 240, 426",
  })
  void survivesTheWholeWay(String name, long durationMs, int width, int height) {
    Path file = MediaFile.folder().resolve(name);
    assumeTrue(Files.exists(file), "no " + file);
    RecordingSink clip = MediaFile.readVideo(file, durationMs);
    List<TrackEvent> events = Clips.live(clip);
    LadderRun run = LadderRun.of(LADDER, events);
    assertThat(run.failures).isEmpty();
    long pictures = clip.samples().size();
    for (String rung : List.of("h264", "av1")) {
      RecordingSink sink = run.sink(rung);
      TrackFormat.Video format = sink.videoFormat();
      assertThat(format.width()).isEqualTo(width);
      assertThat(format.height()).isEqualTo(height);
      assertThat(sink.boundaries()).isNotEmpty().isEqualTo(boundaries(events));
      DecodedTrack decoded = DecodedTrack.of(format, sink.samples());
      assertThat(decoded.damaged()).isZero();
      // A clip that is cut off in its middle may lose the pictures that its last ones refer to.
      assertThat((long) decoded.pictures().size()).isBetween(pictures - 3, pictures);
    }
  }

  private static List<TrackEvent.Boundary> boundaries(List<TrackEvent> events) {
    return events.stream()
        .filter(TrackEvent.Boundary.class::isInstance)
        .map(TrackEvent.Boundary.class::cast)
        .toList();
  }
}
