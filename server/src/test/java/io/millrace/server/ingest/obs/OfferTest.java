package io.millrace.server.ingest.obs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.codec.Profile;
import io.millrace.codec.ladder.AudioRung;
import io.millrace.codec.ladder.Ladder;
import io.millrace.codec.ladder.VideoRung;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as OBS's own sources write them. */
class OfferTest {
  private static final Rational THIRTY = new Rational(30, 1);
  private static final List<VideoRung> RUNGS =
      List.of(
          rung("360p", VideoCodec.H264, 360, 700_000, THIRTY),
          rung("720p", VideoCodec.H264, 720, 2_500_000, null),
          rung("av1-720p", VideoCodec.AV1, 720, 1_500_000, null),
          rung("2160p", VideoCodec.H264, 2160, 15_000_000, null));

  private static VideoRung rung(
      String name, VideoCodec codec, int height, long bitrateBps, Rational maxRate) {
    return new VideoRung(
        name,
        codec,
        height,
        bitrateBps,
        VideoRung.defaultPreset(codec, Profile.FAST),
        Profile.FAST,
        maxRate);
  }

  private static StreamLadder ladder(boolean passthrough, String segment) {
    return new StreamLadder(
        Duration.parse(segment), passthrough, new Ladder(RUNGS, AudioRung.aac(128_000)));
  }

  @Test
  void ladderGoesToTheGpu() throws IOException {
    Offer offer = Offer.make(client("windows_nvidia_31"), ladder(true, "PT2S"));
    assertThat(offer.audioKbps()).isEqualTo(128);
    assertThat(shapes(offer))
        .containsExactly(
            "obs_nvenc_h264_tex 1920x1080 60 8000",
            "obs_nvenc_h264_tex 640x360 30 700",
            "obs_nvenc_h264_tex 1280x720 60 2500",
            "obs_nvenc_av1_tex 1280x720 60 1500");
    assertThat(offer.video())
        .allSatisfy(
            track ->
                assertThat(track.settings())
                    .containsEntry("keyint_sec", 2)
                    .containsEntry("rate_control", "CBR")
                    .containsEntry("preset", "p5"));
  }

  @Test
  void thinLineCostsTheLastRungsFirst() throws IOException {
    ClientDescription client = client("linux_amd_30");
    Offer offer = Offer.make(client, ladder(true, "PT2S"));
    // 3000 less two audio tracks of 128, less the 360p rung; 720p would take more than is left.
    assertThat(shapes(offer))
        .containsExactly(
            "ffmpeg_vaapi_tex 720x1280 30000/1001 2044", "ffmpeg_vaapi_tex 360x640 30000/1001 700");
    assertThat(client.vodTrack()).isTrue();
  }

  @Test
  void withoutPassthroughTheLargestRungIsTrackZero() throws IOException {
    Offer offer = Offer.make(client("windows_nvidia_31"), ladder(false, "PT2S"));
    assertThat(shapes(offer).getFirst()).startsWith("obs_nvenc_h264_tex 1280x720");
    assertThat(offer.video()).hasSize(3);
  }

  @Test
  void whoSaysOnlyTheKeyGetsWhatAnyMachineCanDo() throws IOException {
    ClientDescription client =
        ClientDescription.read("{\"authentication\":\"studio\"}".getBytes(StandardCharsets.UTF_8));
    assertThat(shapes(Offer.make(client, ladder(true, "PT2S"))))
        .containsExactly("obs_x264 1920x1080 30 6000", "obs_x264 640x360 30 700");
  }

  @ParameterizedTest
  @CsvSource({"PT0.5S, 1", "PT1S, 1", "PT2.9S, 2", "PT6S, 6", "PT20S, 10"})
  void keyFramesAreWholeSecondsThatFitInASegment(String segment, int seconds) throws IOException {
    assertThat(Offer.make(client("windows_nvidia_31"), ladder(true, segment)).video())
        .allSatisfy(track -> assertThat(track.settings()).containsEntry("keyint_sec", seconds));
  }

  @Test
  void oldObsKnowsTheGpuUnderItsOldNameAndWithoutAv1() throws IOException {
    ClientDescription client = clientWith("windows_nvidia_31", "31.1.2", "30.2.0");
    Offer offer = Offer.make(client, ladder(true, "PT2S"));
    assertThat(shapes(offer)).hasSize(3).allMatch(shape -> shape.startsWith("jim_nvenc "));
    assertThat(offer.video().getFirst().settings()).containsEntry("preset2", "p5");
  }

  @Test
  void gpuThatDoesNotEncodeAv1IsNotAskedTo() throws IOException {
    Offer offer =
        Offer.make(clientWith("windows_nvidia_31", "RTX 4070", "RTX 2070"), ladder(true, "PT2S"));
    assertThat(shapes(offer)).hasSize(3).noneMatch(shape -> shape.contains("av1"));
  }

  @ParameterizedTest
  @CsvSource({
    "4318, Windows, NVENC",
    "4098, Windows, AMF",
    "4098, Arch Linux, VAAPI",
    "32902, Windows, QUICK_SYNC",
    "32902, Ubuntu, VAAPI",
    "4203, macOS, VIDEO_TOOLBOX",
    "0, Windows, X264",
  })
  void engineFollowsVendorAndSystem(int vendor, String system, Engine engine) throws IOException {
    String post =
        "{\"authentication\":\"a\",\"capabilities\":{\"system\":{\"name\":\"%s\"},\"gpu\":[{\"vendor_id\":%d}]}}"
            .formatted(system, vendor);
    ClientDescription client = ClientDescription.read(post.getBytes(StandardCharsets.UTF_8));
    assertThat(Engine.of(client)).isEqualTo(engine);
  }

  @Test
  void neverMoreThanEightTracks() throws IOException {
    List<VideoRung> many =
        IntStream.range(0, 16)
            .mapToObj(i -> rung("r" + i, VideoCodec.H264, 360, 300_000, null))
            .toList();
    StreamLadder wide = new StreamLadder(Duration.ofSeconds(2), true, new Ladder(many, null));
    assertThat(Offer.make(client("windows_nvidia_31"), wide).video()).hasSize(8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{",
        "{\"authentication\":5}",
        "{\"authentication\":\"\"}",
        "{\"client\":{}}",
        "{\"authentication\":\"a\"}{}",
        "{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]],\"authentication\":\"a\"}",
      })
  void whatIsNoRequestIsRefused(String body) {
    assertThatThrownBy(() -> ClientDescription.read(body.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void absurdValuesCountAsNotSaid() throws IOException {
    ClientDescription client =
        ClientDescription.read(
            """
            {"authentication":"a","client":{"version":"9999999999","supported_codecs":[1]},
             "capabilities":{"cpu":{"physical_cores":-1},"gpu":[7]},
             "preferences":{"composition_gpu_index":9,"maximum_video_tracks":99999999999,
              "maximum_aggregate_bitrate":-4,
              "canvases":[{"width":1e9,"height":0,"framerate":{"numerator":1,"denominator":0}}]}}
            """
                .getBytes(StandardCharsets.UTF_8));
    assertThat(client.canvas()).isEqualTo(new ClientDescription.Canvas(1920, 1080, THIRTY));
    assertThat(client.physicalCores()).isEqualTo(4);
    assertThat(client.maximumAggregateKbps()).isNull();
    assertThat(Offer.make(client, ladder(true, "PT2S")).video()).isNotEmpty();
  }

  @Test
  void secretStaysOutOfText() throws IOException {
    assertThat(client("windows_nvidia_31").toString()).doesNotContain("s3cret");
  }

  private static List<String> shapes(Offer offer) {
    return offer.video().stream()
        .map(
            track ->
                "%s %dx%d %s %s"
                    .formatted(
                        track.encoder(),
                        track.width(),
                        track.height(),
                        track.frameRate(),
                        track.settings().get("bitrate")))
        .toList();
  }

  static byte[] request(String name) throws IOException {
    try (InputStream in = OfferTest.class.getResourceAsStream("/obs/" + name + ".json")) {
      return in.readAllBytes();
    }
  }

  private static ClientDescription client(String name) throws IOException {
    return ClientDescription.read(request(name));
  }

  private static ClientDescription clientWith(String name, String old, String changed)
      throws IOException {
    String post = new String(request(name), StandardCharsets.UTF_8);
    assertThat(post).contains(old);
    return ClientDescription.read(post.replace(old, changed).getBytes(StandardCharsets.UTF_8));
  }
}
