package io.millrace.codec.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.EncoderRun;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Engine;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Presets;
import io.millrace.codec.Profile;
import io.millrace.codec.VideoEncoder;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An encoder that becomes faster keeps the stream's parameter sets. */
class FasterPresetsTest {
  private static TrackFormat.Video format(EncoderSettings settings) {
    try (VideoEncoder encoder = FfmpegEngines.openH264(settings, new NativeAccount())) {
      return encoder.format();
    }
  }

  @Test
  void everyFasterPresetOfX264HasTheParameterSetsOfTheStream() {
    assumeTrue(FfmpegEngines.hasX264());
    List<String> others = new ArrayList<>();
    for (Profile profile : Profile.values()) {
      for (String preset = "veryslow";
          !preset.equals("ultrafast");
          preset = Presets.faster(Engine.X264, preset, 1)) {
        EncoderSettings own = EncoderRun.settings(VideoCodec.H264, profile, preset);
        TrackFormat.Video stream = format(own);
        for (int steps = 1; !own.faster(steps - 1).preset().equals("ultrafast"); steps++) {
          if (!format(own.faster(steps)).equals(stream)) {
            others.add(profile + " " + preset + " → " + own.faster(steps).preset());
          }
        }
      }
    }
    assertThat(others).isEmpty();
  }
}
