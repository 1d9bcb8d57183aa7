package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.Clips;
import io.millrace.codec.CodecException;
import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderRules;
import io.millrace.codec.EncoderRun;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Engine;
import io.millrace.codec.Fallback;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.TestPictures;
import io.millrace.codec.Tune;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Rational;
import io.millrace.media.TrackEvent;
import io.millrace.media.TrackFormat;
import io.millrace.media.VideoCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Every engine in every mode: what comes out is decoded and compared with what went in. */
class ConfiguredEncodersTest {
  private static final Set<Integer> KEYS = Set.of(17, 40, 41);
  private static final long FRAME = EncoderRun.FRAME_TICKS;

  @ParameterizedTest
  @CsvSource({
    "X264, FAST, VBR, NONE",
    "X264, QUALITY, CBR, NONE",
    "X264, FAST, CAPPED_CRF, NONE",
    "X264, QUALITY, CAPPED_CRF, FILM_GRAIN",
    "X264, FAST, PROFILE, SCREEN",
    "X264, QUALITY, PROFILE, LOW_DELAY",
    "OPENH264, FAST, CBR, NONE",
    "OPENH264, QUALITY, VBR, NONE",
    "X265, FAST, PROFILE, NONE",
    "X265, QUALITY, PROFILE, FILM_GRAIN",
    "X265, FAST, CAPPED_CRF, SCREEN",
    "X265, QUALITY, CAPPED_CRF, LOW_DELAY",
    "SVT_AV1, FAST, PROFILE, SCREEN",
    "SVT_AV1, FAST, PROFILE, FILM_GRAIN",
    "SVT_AV1, QUALITY, CAPPED_CRF, NONE",
    "SVT_AV1, QUALITY, PROFILE, FILM_GRAIN",
    "SVT_AV1, QUALITY, CAPPED_CRF, PERCEPTUAL",
    "SVT_AV1, QUALITY, PROFILE, LOW_DELAY",
    "LIBAOM, FAST, PROFILE, NONE",
    "LIBAOM, QUALITY, PROFILE, SCREEN",
    "LIBAOM, FAST, CAPPED_CRF, FILM_GRAIN",
    "LIBVPX, FAST, PROFILE, NONE",
    "LIBVPX, QUALITY, PROFILE, SCREEN",
    "LIBVPX, FAST, CAPPED_CRF, FILM_GRAIN",
  })
  void everyEngineEncodesInEveryMode(Engine engine, Profile profile, RateMode rate, Tune tune) {
    assumeTrue(isThere(engine), "not in this bundle");
    VideoCodec codec = codec(engine);
    EncoderOptions options =
        EncoderOptions.DEFAULT
            .withEngine(engine, Fallback.FAIL)
            .withRate(rate, EncoderOptions.UNSET)
            .withTune(tune);
    EncoderRun run =
        EncoderRun.of(
            LadderRun.ENGINES,
            settings(codec, profile, engine.usualPreset(profile), options),
            90,
            KEYS);
    assertThat(run.keyTimes()).containsExactly(0L, 17 * FRAME, 40 * FRAME, 41 * FRAME);
    // Grain is put in by the decoder: such a picture is like its source to the eye only.
    boolean grainMadeAnew = tune == Tune.FILM_GRAIN && codec == VideoCodec.AV1;
    assertThat(run.meanPsnr()).isGreaterThan(grainMadeAnew ? 26 : 31);
    TrackFormat.Video format = run.encoder().format();
    assertThat(format.codec()).isEqualTo(codec);
    assertThat(format.colour()).isEqualTo(TestPictures.BT709);
    assertThat(format.codecs()).startsWith(sampleEntry(codec));
    boolean reordered =
        run.out().samples().stream().anyMatch(sample -> sample.dtsTicks() != sample.ptsTicks());
    boolean mayReorder = profile == Profile.QUALITY && tune != Tune.LOW_DELAY;
    assertThat(reordered).isEqualTo(mayReorder && (engine == Engine.X264 || engine == Engine.X265));
  }

  @Test
  void bFramesAreAsManyAsWereAskedFor() {
    assumeTrue(FfmpegEngines.hasX264(), "no libx264 in this bundle");
    for (int most : new int[] {0, 1, 5}) {
      EncoderOptions options = EncoderOptions.DEFAULT.withBFrames(most);
      EncoderRun run =
          EncoderRun.of(
              LadderRun.ENGINES,
              settings(VideoCodec.H264, Profile.QUALITY, "veryfast", options),
              60,
              Set.of());
      int longest = 0;
      int between = 0;
      long highest = Long.MIN_VALUE;
      for (var sample : run.out().samples()) {
        between = sample.ptsTicks() > highest ? 0 : between + 1;
        highest = Math.max(highest, sample.ptsTicks());
        longest = Math.max(longest, between);
      }
      assertThat(longest).isBetween(Math.min(most, 1), most);
    }
  }

  /** What lies between the ends of a pyramid comes out when its far end has gone in. */
  @ParameterizedTest
  @CsvSource({"3, VBR", "7, VBR", "15, VBR", "15, CAPPED_CRF"})
  void aPyramidOfSvtAv1IsAsDeepAsWasAskedFor(int between, RateMode rate) {
    EncoderOptions options =
        EncoderOptions.DEFAULT.withRate(rate, EncoderOptions.UNSET).withBFrames(between);
    EncoderSettings settings = settings(VideoCodec.AV1, Profile.QUALITY, "10", options);
    EncoderRun run = EncoderRun.of(LadderRun.ENGINES, settings, 90, KEYS);
    assertThat(run.keyTimes()).containsExactly(0L, 17 * FRAME, 40 * FRAME, 41 * FRAME);
    assertThat(run.meanPsnr()).isGreaterThan(31);

    NativeAccount account = new NativeAccount();
    int[] in = {0};
    Map<Long, Integer> inWhenOut = new HashMap<>();
    VideoEncoder.Output output =
        (payload, ptsTicks, dtsTicks, key) -> {
          inWhenOut.put(ptsTicks, in[0]);
          payload.release();
        };
    try (VideoEncoder encoder = LadderRun.ENGINES.open(settings, account);
        PicturePool pool = new PicturePool(320, 180, account)) {
      while (in[0] < 60) {
        Picture picture = TestPictures.moving(pool, in[0]);
        encoder.encode(picture, in[0] * FRAME, in[0]++ == 0, output);
        picture.release();
      }
      encoder.drain(output);
    }
    assertThat(inWhenOut).hasSize(60);
    assertThat(inWhenOut.get(FRAME)).isGreaterThanOrEqualTo(1 + between + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "FAST, NONE, 7, 'svt-av1 has them with profile: quality only'",
    "QUALITY, LOW_DELAY, 7, 'B-frames are delay: not with tune: low-delay'",
    "QUALITY, NONE, 5, 'svt-av1 takes 3, 7 or 15: a whole pyramid'",
    "QUALITY, NONE, 0, 'svt-av1 takes 3, 7 or 15: a whole pyramid'",
    "QUALITY, NONE, 31, 'svt-av1 takes at most 15'",
  })
  void otherPyramidsOfSvtAv1AreRefused(Profile profile, Tune tune, int between, String rule) {
    EncoderOptions options = EncoderOptions.DEFAULT.withTune(tune).withBFrames(between);
    assertThat(EncoderRules.broken(VideoCodec.AV1, profile, "10", options))
        .singleElement()
        .isEqualTo(new EncoderRules.Broken("bframes", rule));
  }

  @Test
  void keyFramesComeWithinSegmentsToo() {
    for (VideoCodec codec : new VideoCodec[] {VideoCodec.H264, VideoCodec.AV1, VideoCodec.VP9}) {
      VideoRung rung =
          new VideoRung(
              "r",
              codec,
              90,
              100_000,
              Engine.of(codec).usualPreset(Profile.FAST),
              Profile.FAST,
              null,
              EncoderOptions.DEFAULT.withKeyEveryMs(500));
      List<TrackEvent> events = Clips.live(Clips.record(Clips.small(), 4000));
      LadderRun run = LadderRun.of(new Ladder(List.of(rung), null), events);
      assertThat(run.failures).isEmpty();
      List<Long> keys =
          run.sink("r").samples().stream()
              .filter(TrackEvent.Sample::key)
              .map(TrackEvent.Sample::ptsTicks)
              .toList();
      assertThat(keys).hasSize(8);
      for (int i = 1; i < keys.size(); i++) {
        // Half a second is twelve pictures and a half at 25 a second.
        assertThat(keys.get(i) - keys.get(i - 1)).isBetween(12 * 14_400L, 13 * 14_400L);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"NVENC", "QSV", "VAAPI", "V4L2M2M"})
  void aDeviceThatIsNotThereIsNamed(Engine engine, @TempDir Path dev) {
    String device =
        switch (engine) {
          case NVENC -> "nvidiactl";
          case V4L2M2M -> "video*";
          default -> "renderD*";
        };
    EncoderSettings settings = hardware(engine, Fallback.FAIL);
    NativeAccount account = new NativeAccount();
    assertThatThrownBy(() -> new Engines(LadderRun.ENGINES.av1(), dev).open(settings, account))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining(engine.word())
        .hasMessageContaining(dev.toString())
        .hasMessageContaining(device);
    assertThat(account.handles()).isZero();
  }

  /** A file that is no device: what the library then says has the device's name in front. */
  @ParameterizedTest
  @CsvSource({
    "NVENC, nvidiactl",
    "QSV, dri/renderD128",
    "VAAPI, dri/renderD128",
    "V4L2M2M, video0"
  })
  void aDeviceThatDoesNotEncodeIsNamed(Engine engine, String name, @TempDir Path dev)
      throws IOException {
    Path device = dev.resolve(name);
    Files.createDirectories(device.getParent());
    Files.createFile(device);
    NativeAccount account = new NativeAccount();
    assertThatThrownBy(
            () ->
                new Engines(LadderRun.ENGINES.av1(), dev)
                    .open(hardware(engine, Fallback.FAIL), account))
        .isInstanceOf(CodecException.class)
        .hasMessageContaining(engine.word() + " on " + device);
    assertThat(account.handles()).isZero();
  }

  @Test
  void softwareStandsInWhereThatIsAllowedAndSaysSo(@TempDir Path dev) {
    EncoderSettings settings = hardware(Engine.VAAPI, Fallback.SOFTWARE);
    EncoderRun run =
        EncoderRun.of(new Engines(LadderRun.ENGINES.av1(), dev), settings, 40, Set.of(17));
    assertThat(run.encoder().engine())
        .startsWith(Engines.h264())
        .contains("instead: vaapi needs")
        .contains(dev.resolve("dri").toString());
    assertThat(run.meanPsnr()).isGreaterThan(31);
  }

  @Test
  void aRungWhoseDeviceIsNotThereFailsAndTheOthersGoOn() {
    EncoderOptions nvenc = EncoderOptions.DEFAULT.withEngine(Engine.NVENC, Fallback.FAIL);
    assumeTrue(!Files.exists(Path.of("/dev/nvidiactl")), "there is such a device");
    Ladder ladder =
        new Ladder(
            List.of(
                new VideoRung("gpu", VideoCodec.H264, 90, 100_000, "p4", Profile.FAST, null, nvenc),
                VideoRung.of("cpu", VideoCodec.H264, 90, 100_000, Profile.FAST)),
            null);
    LadderRun run = LadderRun.of(ladder, Clips.live(Clips.record(Clips.small(), 2000)));
    assertThat(run.failures).singleElement().asString().contains("gpu").contains("nvidiactl");
    assertThat(run.sink("gpu").samples()).isEmpty();
    assertThat(run.sink("cpu").samples()).hasSizeGreaterThan(40);
  }

  private static EncoderSettings hardware(Engine engine, Fallback fallback) {
    return settings(
        VideoCodec.H264,
        Profile.FAST,
        engine.usualPreset(Profile.FAST),
        EncoderOptions.DEFAULT.withEngine(engine, fallback));
  }

  private static EncoderSettings settings(
      VideoCodec codec, Profile profile, String preset, EncoderOptions options) {
    return new EncoderSettings(
        codec,
        profile,
        320,
        180,
        new Rational(30, 1),
        600_000,
        preset,
        90,
        TestPictures.BT709,
        options);
  }

  private static boolean isThere(Engine engine) {
    return (engine != Engine.X264 && engine != Engine.X265) || FfmpegEngines.hasX264();
  }

  private static VideoCodec codec(Engine engine) {
    return switch (engine) {
      case X265 -> VideoCodec.HEVC;
      case SVT_AV1, LIBAOM -> VideoCodec.AV1;
      case LIBVPX -> VideoCodec.VP9;
      default -> VideoCodec.H264;
    };
  }

  private static String sampleEntry(VideoCodec codec) {
    return switch (codec) {
      case H264 -> "avc1.";
      case HEVC -> "hvc1.";
      case AV1 -> "av01.";
      case VP9 -> "vp09.00.";
    };
  }
}
