package io.millrace.codec.slate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Luma;
import io.millrace.codec.MediaFile;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.RecordingSink;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What real encoders sent goes on as a still and as a slate. */
class RealStillsTest {
  private final NativeAccount account = new NativeAccount();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "people_720p2997_gop2s_live.mp4",
        "bbb_800x640_30_h264_pyramid_3b.mp4",
        "outdoor_1080p50_hevc.mp4",
        "long_1080p60_av1_aac_6min.mp4",
        "ui_1200x1200_60fps_screen.mp4"
      })
  void aRealSourceIsFollowed(String name) {
    Path file = MediaFile.folder().resolve(name);
    assumeTrue(Files.exists(file), "no clip " + name);
    RecordingSink clip = MediaFile.readVideo(file, 700);
    TrackFormat.Video source = clip.videoFormat();
    Luma last = DecodedTrack.of(source, clip.samples()).pictures().lastEntry().getValue();
    Still still = ready(Stills.lastPicture(source, clip.samples(), account));
    Still slate = ready(Stills.slate(source, Slate.Text.DEFAULT, account));
    assertThat(slate.format()).isEqualTo(still.format());
    assertThat(still.format().colour()).isEqualTo(source.colour());
    assertThat(still.format().width()).isEqualTo(source.width());
    assertThat(still.format().codecs()).startsWith(source.codecs().substring(0, 6));
    List<TrackEvent.Sample> shown = new ArrayList<>();
    int frames = still.gopFrames() + 3;
    for (int i = 0; i < frames; i++) {
      shown.add(still.sample(TrackEvent.VIDEO_TRACK, 0, i));
    }
    for (int i = 0; i < 3; i++) {
      shown.add(slate.sample(TrackEvent.VIDEO_TRACK, still.ptsTicks(0, frames), i));
    }
    DecodedTrack decoded = DecodedTrack.of(still.format(), shown);
    assertThat(decoded.damaged()).isZero();
    assertThat(decoded.pictures()).hasSize(shown.size());
    assertThat(decoded.pictures().firstEntry().getValue().psnr(last)).isGreaterThan(33);
    assertThat(account.handles() + account.pictureBytes()).isZero();
  }

  private static Still ready(StillResult result) {
    if (result instanceof StillResult.Ready(Still still)) {
      return still;
    }
    throw new AssertionError(result);
  }
}
