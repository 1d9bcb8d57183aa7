package io.millrace.codec.cost;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Profile;
import io.millrace.codec.ladder.Engines;
import io.millrace.codec.svtav1.SvtAv1Engines;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The benchmark itself. What it finds depends on the machine; that it is a cost does not. */
class CostBenchmarkTest {
  @Test
  void everyCodecProfileAndSizeIsMeasured() throws InterruptedException {
    List<String> progress = new ArrayList<>();
    Costs[] found = new Costs[1];
    // Under a name of its own, by which the encoders' threads are told from others.
    Thread thread =
        Thread.ofPlatform()
            .name("bench-test")
            .start(
                () -> {
                  try (SvtAv1Engines av1 =
                      SvtAv1Engines.select(null, SvtAv1Engines.Preference.BUNDLED)) {
                    found[0] = new CostBenchmark(new Engines(av1), progress::add).run();
                  }
                });
    thread.join();
    Costs costs = found[0];
    assertThat(costs).isNotNull();
    assertThat(progress).hasSize(6);
    CostModel model = new CostModel(costs);
    for (Profile profile : Profile.values()) {
      for (VideoCodec codec : List.of(VideoCodec.H264, VideoCodec.AV1)) {
        String preset = codec == VideoCodec.AV1 ? "10" : "veryfast";
        double small = model.pictureSeconds(codec, profile, preset, 640, 360).orElseThrow();
        double large = model.pictureSeconds(codec, profile, preset, 1920, 1080).orElseThrow();
        assertThat(large).as("%s %s", codec, profile).isGreaterThan(2 * small);
      }
      assertThat(model.pictureSeconds(VideoCodec.H264, profile, "medium", 1280, 720).orElseThrow())
          .isGreaterThan(
              model.pictureSeconds(VideoCodec.H264, profile, "ultrafast", 1280, 720).orElseThrow());
    }
    if (Boolean.getBoolean("millrace.thorough")) {
      costs.encoders().forEach(System.out::println);
      System.out.println(costs.decoding() + " " + costs.scaling() + " " + costs.soundSecond());
    }
  }
}
