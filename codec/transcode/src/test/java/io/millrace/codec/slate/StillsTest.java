package io.millrace.codec.slate;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.CodedClip;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.Luma;
import io.millrace.codec.NativeAccount;
import io.millrace.media.TrackEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StillsTest {
  private final NativeAccount account = new NativeAccount();

  static List<CodedClip.Video> sources() {
    return List.of(
        CodedClip.Video.of("libx264", 8, Map.of("profile", "high")),
        CodedClip.Video.of("libx264", 8, Map.of("profile", "main")),
        CodedClip.Video.of("libx264", 8, Map.of("profile", "baseline")),
        CodedClip.Video.of("libx264", 10, Map.of()),
        CodedClip.Video.of("libx265", 8, Map.of("x265-params", "log-level=none")),
        CodedClip.Video.of("libx265", 10, Map.of("x265-params", "log-level=none")),
        CodedClip.Video.of("libsvtav1", 8, Map.of("preset", "10")),
        CodedClip.Video.of("libsvtav1", 10, Map.of("preset", "10")),
        CodedClip.Video.of("libvpx-vp9", 8, Map.of("deadline", "realtime", "cpu-used", "8")));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void theLastPictureStaysOnScreenThroughManyRepetitions(CodedClip.Video source) {
    CodedClip clip = CodedClip.of(source, CodedClip.Painting.moving());
    Luma last = DecodedTrack.of(clip.video(), clip.samples()).pictures().lastEntry().getValue();
    Still still = ready(Stills.lastPicture(clip.video(), clip.samples(), account));
    assertThat(still.gopFrames()).isEqualTo(25);
    List<TrackEvent.Sample> loops = new ArrayList<>();
    for (int i = 0; i < 3 * still.gopFrames(); i++) {
      loops.add(still.sample(TrackEvent.VIDEO_TRACK, 360_000, i));
    }
    DecodedTrack decoded = DecodedTrack.of(still.format(), loops);
    assertThat(decoded.damaged()).isZero();
    assertThat(decoded.times()).isEqualTo(loops.stream().map(TrackEvent.Sample::ptsTicks).toList());
    Luma shown = decoded.pictures().firstEntry().getValue();
    for (Luma picture : decoded.pictures().values()) {
      assertThat(picture.psnr(last)).isGreaterThan(36);
      assertThat(picture.psnr(shown)).as("nothing pulses").isGreaterThan(50);
    }
    assertThat(account.handles()).isZero();
    assertThat(account.pictureBytes()).isZero();
    long repeats = still.frames().stream().skip(1).mapToLong(frame -> frame.payload().length).sum();
    assertThat(repeats).as("24 pictures that say: the same again").isLessThan(1000);
  }

  private static Still ready(StillResult result) {
    if (result instanceof StillResult.Ready(Still still)) {
      return still;
    }
    throw new AssertionError(result);
  }
}
