package io.millrace.loadtest.overload;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SampleTest {
  @Test
  void readsEncodersWorkersAndSteps() {
    Sample sample =
        Sample.parse(
            """
            # HELP millrace_encoder_paused 1 while a rung is not encoded
            millrace_encoder_paused{rendition="720p",stream="live/s1"} 1.0
            millrace_encoder_paused{rendition="360p",stream="live/s1"} 0.0
            millrace_encoder_cpu_seconds_total{rendition="360p",stream="live/s1"} 2.5
            millrace_encoder_cpu_cores{rendition="360p",stream="live/s1"} 0.25
            millrace_encoder_predicted_cpu_cores{rendition="360p",stream="live/s1"} 0.2
            millrace_encoder_frames_dropped_total{rendition="360p",stream="live/s1"} 3.0
            millrace_decoder_cpu_cores{stream="live/s1"} 0.4
            millrace_decoder_predicted_cpu_cores{stream="live/s1"} 0.3
            millrace_worker_cpu_seconds_total{stream="live/s1"} 7.5
            millrace_encoding_steps_shed 2.0
            """,
            1_000,
            20);
    assertThat(sample.encoders()).containsOnlyKeys("live/s1 720p", "live/s1 360p");
    assertThat(sample.encoders().get("live/s1 720p").paused()).isTrue();
    assertThat(sample.encoders().get("live/s1 720p").predictedCores()).isNegative();
    assertThat(sample.encoders().get("live/s1 360p"))
        .isEqualTo(new Sample.Encoder(false, false, 2.5, 0.25, 0.2, 0, 3));
    assertThat(sample.workerCpuS()).containsEntry("live/s1", 7.5);
    assertThat(sample.predictedDecoderCores()).containsEntry("live/s1", 0.3);
    assertThat(sample.stepsShed()).isEqualTo(2);
    assertThat(sample.encodes("live/s1")).isTrue();
    assertThat(sample.encodes("live/s")).isFalse();
  }
}
