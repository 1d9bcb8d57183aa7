package io.millrace.codec.ladder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.codec.EncoderOptions;
import io.millrace.codec.EncoderSettings;
import io.millrace.codec.Engine;
import io.millrace.codec.NativeAccount;
import io.millrace.codec.Picture;
import io.millrace.codec.Profile;
import io.millrace.codec.RateMode;
import io.millrace.codec.TestPictures;
import io.millrace.codec.VideoEncoder;
import io.millrace.codec.ffmpeg.FfmpegEngines;
import io.millrace.codec.ffmpeg.PicturePool;
import io.millrace.media.Rational;
import io.millrace.media.VideoCodec;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A capped quality: what is flat is cheap, what is busy stays under the cap. */
class RatesTest {
  private static final int FPS = 30;
  private static final int SEGMENT = 2 * FPS;
  private static final int SEGMENTS = 4;
  private static final long CAP_BPS = 400_000;

  /**
   * @param slack over what the buffer allows; 1 where the library keeps it to the bit, more where
   *     it takes the cap for advice
   */
  @ParameterizedTest
  @CsvSource({
    "H264, FAST, 1.0",
    "H264, QUALITY, 1.0",
    "HEVC, FAST, 1.0",
    "AV1, QUALITY, 1.1",
    "VP9, FAST, 1.1"
  })
  void aFlatSceneIsCheapAndABusyOneStaysUnderTheCap(
      VideoCodec codec, Profile profile, double slack) {
    boolean gpl = codec == VideoCodec.H264 || codec == VideoCodec.HEVC;
    assumeTrue(!gpl || FfmpegEngines.hasX264(), "not in this bundle");
    List<Integer> flat = pictureBits(codec, profile, false);
    List<Integer> busy = pictureBits(codec, profile, true);
    double flatBps = sum(flat, 0, flat.size()) / (double) (SEGMENTS * 2);
    assertThat(flatBps).isLessThan(CAP_BPS / 4.0);
    double busyBps = sum(busy, 0, busy.size()) / (double) (SEGMENTS * 2);
    assertThat(busyBps).isGreaterThan(2 * flatBps);
    // Any window of a segment's length: the cap for that long, and a buffer of one second.
    for (int from = 0; from + SEGMENT <= busy.size(); from++) {
      assertThat((double) sum(busy, from, from + SEGMENT))
          .as("from picture %d", from)
          .isLessThanOrEqualTo((2 * CAP_BPS + CAP_BPS) * slack);
    }
    // On average over several segments the buffer is of no account.
    assertThat(busyBps).isLessThan(CAP_BPS * 1.15 * slack);
  }

  private static long sum(List<Integer> bits, int from, int to) {
    return bits.subList(from, to).stream().mapToLong(Integer::longValue).sum();
  }

  /** Bits of each picture, in decoding order. */
  private static List<Integer> pictureBits(VideoCodec codec, Profile profile, boolean busy) {
    NativeAccount account = new NativeAccount();
    EncoderSettings settings =
        new EncoderSettings(
            codec,
            profile,
            320,
            180,
            new Rational(FPS, 1),
            CAP_BPS,
            Engine.of(codec).usualPreset(profile),
            SEGMENT,
            TestPictures.BT709,
            EncoderOptions.DEFAULT.withRate(RateMode.CAPPED_CRF, EncoderOptions.UNSET));
    List<Integer> bits = new ArrayList<>();
    Random random = new Random(9);
    VideoEncoder.Output output =
        (payload, ptsTicks, dtsTicks, key) -> {
          bits.add(8 * payload.readableBytes());
          payload.release();
        };
    try (VideoEncoder encoder = LadderRun.ENGINES.open(settings, account);
        PicturePool pool = new PicturePool(320, 180, account)) {
      for (int i = 0; i < SEGMENTS * SEGMENT; i++) {
        Picture picture = busy ? busy(pool, i, random) : flat(pool);
        encoder.encode(picture, i * 12_000L, i % SEGMENT == 0, output);
        picture.release();
      }
      encoder.drain(output);
    }
    assertThat(bits).hasSize(SEGMENTS * SEGMENT);
    return bits;
  }

  private static Picture flat(PicturePool pool) {
    Picture picture = pool.take(TestPictures.BT709);
    for (int plane = 0; plane < 3; plane++) {
      picture.plane(plane).fill((byte) (plane == 0 ? 90 : 128));
    }
    return picture;
  }

  /** Movement under noise. */
  private static Picture busy(PicturePool pool, int frame, Random random) {
    Picture picture = TestPictures.moving(pool, 3 * frame);
    var luma = picture.plane(0);
    for (long at = 0; at < luma.byteSize(); at++) {
      int value = luma.get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) & 0xFF;
      int noisy = Math.clamp(value + random.nextInt(33) - 16, 16, 235);
      luma.set(java.lang.foreign.ValueLayout.JAVA_BYTE, at, (byte) noisy);
    }
    return picture;
  }
}
