package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.codec.Clips;
import io.millrace.codec.DecodedTrack;
import io.millrace.codec.EncoderOptions;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.RecordingSink;
import io.millrace.codec.VideoEncoders;
import io.millrace.codec.quality.QualityMeter;
import io.millrace.codec.quality.QualitySampling;
import io.millrace.media.TrackEvent;
import io.millrace.media.VideoCodec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Rungs whose quality follows what samples of them come to. */
class QualityTargetTest {
  private static final int PICTURES = 8;
  private static final long PATIENCE_MS = 20_000;
  private static RecordingSink clip;

  private final List<String> opened = new CopyOnWriteArrayList<>();
  private final List<Double> psnrs = new CopyOnWriteArrayList<>();
  private final List<Path> folders = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void makeAClip() {
    clip = Clips.record(Clips.small(), 6000);
  }

  private static VideoRung rung(String name, VideoCodec codec, int crf, int vmaf) {
    return new VideoRung(
        name,
        codec,
        180,
        4_000_000,
        VideoRung.defaultPreset(codec, Profile.QUALITY),
        Profile.QUALITY,
        null,
        EncoderOptions.DEFAULT.withRate(RateMode.CAPPED_CRF, crf).withVmaf(vmaf));
  }

  private VideoEncoders watched() {
    return (settings, account) -> {
      opened.add(settings.codec() + " " + settings.options().crf(settings.codec()));
      return LadderRun.ENGINES.open(settings, account);
    };
  }

  /**
   * @param most samples that are waited for
   */
  private LadderRun run(VideoRung rung, QualityMeter meter, int most) throws InterruptedException {
    QualityMeter watched =
        (reference, distorted, folder) -> {
          folders.add(folder);
          psnrs.add(psnr(reference, distorted));
          return meter.vmaf(reference, distorted, folder);
        };
    TranscoderSettings settings =
        TranscoderSettings.OFFLINE.with(new QualitySampling(watched, Duration.ZERO, PICTURES));
    try (LadderRun run =
        new LadderRun(new Ladder(List.of(rung), null), clip.videoFormat(), watched(), settings)) {
      int segment = -1;
      for (TrackEvent event : Clips.live(clip)) {
        if (event instanceof TrackEvent.Boundary && ++segment > 1) {
          await(Math.min(segment - 1, most));
        }
        run.transcoder.accept(event.retain());
      }
      run.awaitEnds();
      assertThat(run.failures).isEmpty();
      awaitNoFolders();
      return run;
    }
  }

  private void await(int samples) throws InterruptedException {
    for (long waitedMs = 0; psnrs.size() < samples && waitedMs < PATIENCE_MS; waitedMs += 20) {
      Thread.sleep(20);
    }
    Thread.sleep(50); // for what is decided by it
  }

  private void awaitNoFolders() throws InterruptedException {
    for (long waitedMs = 0; waitedMs < PATIENCE_MS; waitedMs += 20) {
      if (folders.stream().noneMatch(Files::exists)) {
        return;
      }
      Thread.sleep(20);
    }
    assertThat(folders).as("samples are deleted").noneMatch(Files::exists);
  }

  /** Of all planes together; the pictures are the same ones, and in their order. */
  private static double psnr(Path reference, Path distorted) throws IOException {
    byte[] one = Files.readAllBytes(reference);
    byte[] other = Files.readAllBytes(distorted);
    String header = "YUV4MPEG2 W320 H180 F30:1 Ip A1:1 C420jpeg\n";
    assertThat(new String(one, 0, header.length(), StandardCharsets.US_ASCII)).isEqualTo(header);
    assertThat(one).hasSameSizeAs(other);
    int picture = 6 + 320 * 180 * 3 / 2;
    assertThat(one.length).isEqualTo(header.length() + PICTURES * picture);
    double psnr = psnr(one, other, 0);
    assertThat(psnr).isGreaterThan(psnr(one, other, picture) + 3);
    return psnr;
  }

  private static double psnr(byte[] one, byte[] other, int shift) {
    double sum = 0;
    for (int i = shift; i < one.length; i++) {
      double off = (one[i] & 0xFF) - (other[i - shift] & 0xFF);
      sum += off * off;
    }
    return 10 * Math.log10(255 * 255 * (one.length - shift) / Math.max(1, sum));
  }

  private static void assertSound(RecordingSink sink) {
    assertThat(sink.events().stream().filter(TrackEvent.Format.class::isInstance))
        .as("init segments")
        .hasSize(1);
    DecodedTrack decoded = DecodedTrack.of(sink.videoFormat(), sink.samples());
    assertThat(decoded.damaged()).isZero();
    assertThat(decoded.pictures()).hasSameSizeAs(clip.samples());
  }

  @Test
  void whatIsTooPoorBecomesBetterWhereSegmentsBeginWithTheSameInitSegment() throws Exception {
    LadderRun run = run(rung("180p", VideoCodec.H264, 32, 90), (_, _, _) -> 80, 9);
    assertThat(opened)
        .startsWith("H264 32", "H264 28", "H264 24", "H264 20")
        .doesNotHaveDuplicates();
    assertSound(run.sink("180p"));
    assertThat(psnrs.get(2)).isGreaterThan(psnrs.getFirst());
    RungStats stats = run.transcoder.stats().rungs().getFirst();
    assertThat(stats.vmaf()).isEqualTo(80);
    assertThat(stats.crf()).isEqualTo(20);
  }

  @Test
  void av1FollowsToo() throws Exception {
    LadderRun run = run(rung("av1", VideoCodec.AV1, 40, 90), (_, _, _) -> 93, 9);
    assertThat(opened).startsWith("AV1 40", "AV1 44", "AV1 48").doesNotHaveDuplicates();
    assertSound(run.sink("av1"));
  }

  @Test
  void whatIsThereStaysAndNothingIsOpenedAnew() throws Exception {
    LadderRun run = run(rung("180p", VideoCodec.H264, 28, 90), (_, _, _) -> 90.6, 9);
    assertThat(opened).containsOnly("H264 28");
    assertThat(psnrs).hasSizeGreaterThan(2);
    assertThat(run.transcoder.stats().rungs().getFirst().vmaf()).isEqualTo(90.6);
  }

  @Test
  void whereNothingCanBeComparedTheRungGoesOnAsItIs() throws Exception {
    LadderRun run =
        run(
            rung("180p", VideoCodec.H264, 28, 90),
            (_, _, _) -> {
              throw new IOException("no model");
            },
            1);
    assertThat(opened).containsOnly("H264 28");
    assertThat(psnrs).hasSize(1);
    assertSound(run.sink("180p"));
    assertThat(run.transcoder.stats().rungs().getFirst().vmaf()).isEqualTo(EncoderOptions.UNSET);
  }
}
